import HTTP
import NightSchool
import Postgres
import Registry
import Runtime

/// What is looked at every evening: a class's list with the marks of a term, and a member's week.
extension EnrolmentWork {
    private static let seats = 40
    /// Of the term that is read: after the crowds' and before the peer's.
    private static let term = 50

    func measureReading(_ house: EnrolmentHouse, _ report: Report) async throws {
        let classes = try await open(house, term: Self.term, classes: 30, seats: Int32(Self.seats), crowd: 30 * Self.seats)
        try await house.mark(classes)
        let owner = try await house.bench.registry.accounts.createOwner(name: "bench")
        let lessons = try await house.lessonCount()
        let list = try await read("/v1/classes/\(classes[0])/attendance", by: owner, house)
        let day = EnrolmentHouse.firstDay(of: Self.term)
        let week = "/v1/me/lessons?from=\(day)&to=\(CalendarDate(daysSince1970: day.daysSince1970 + 150))"
        let timetable = try await read(week, by: house.tokens[0], house)
        try report.figure(
            Self.name, "a class of \(Self.seats) with \(EnrolmentHouse.lessons) lessons' marks, 99 % within", ours: list, unit: "ms",
            runs: 1,
            promise: "20 ms")
        try report.figure(
            Self.name, "a member's term among \(lessons) lessons, 99 % within", ours: timetable, unit: "ms", runs: 1, promise: "5 ms")
    }

    private func read(_ path: String, by token: String, _ house: EnrolmentHouse) async throws -> Double {
        let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n\r\n".utf8)
        let load = try await LoadGenerator(house.loop, port: house.server.port) { _, _ in request }.run(
            connections: 1, duration: .seconds(options.seconds ?? 3))
        guard load.failures == 0, load.byStatus[200] == load.answers, load.answers > 0 else {
            throw BenchError(description: "\(path): \(load.byStatus)")
        }
        return load.percentileMilliseconds(0.99)
    }
}
