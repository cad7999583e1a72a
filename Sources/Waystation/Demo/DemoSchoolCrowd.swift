import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import Synchronization

/// Members who ask for seats, give some up, and take what they are offered: each call of theirs through HTTP.
struct DemoSchoolCrowd: Sendable {
    private static let connections = 64
    /// One in so many with a seat gives it up.
    private static let givesUp = 20

    private let house: House
    private let classes: [Int64]
    private let members: [ID<Member>]
    private let enrolments: Int
    private let port: UInt16
    private let store: DemoSchoolStore

    init(_ house: House, classes: [Int64], members: [ID<Member>], enrolments: Int, port: UInt16) {
        self.house = house
        self.classes = classes
        self.members = members
        self.enrolments = enrolments
        self.port = port
        store = DemoSchoolStore(database: house.database)
    }

    private struct Answer: Decodable {
        let result: String
        let enrolmentId: Int64?
        let classId: Int64?
    }

    private struct Seat: Sendable {
        let member: Int
        let enrolment: Int64
        let schoolClass: Int64?
    }

    /// What is heard of the crowd while it runs.
    private final class Heard: Sendable {
        let seated = Mutex<[Seat]>([])
        let refused = Mutex(0)
    }

    func run(school: Int64, term: Int64) async throws -> DemoSchool.State {
        let tokens = try await DemoWinterStore(database: house.database).signIn(members)
        let loop = try EventLoop.start(name: "learners")
        defer { loop.shutDown() }
        let wishes = wishes()
        let heard = Heard()
        let load = try await LoadGenerator(loop, port: port) { [classes] connection, number in
            let place = number * Self.connections + connection
            guard place < wishes.count else { return nil }
            return Self.post(
                "/v1/me/enrolments", "{\"requestId\":\"\(UUID().uuidString)\",\"wishes\":[\(classes[wishes[place]])]}",
                by: tokens[place % tokens.count])
        } onAnswer: { connection, number, status, body in
            guard status == 200, let answer = Self.answer(body) else { return heard.refused.withLock { $0 += 1 } }
            switch (answer.result, answer.enrolmentId) {
            case ("seated", .some(let id)):
                let place = (number * Self.connections + connection) % tokens.count
                heard.seated.withLock { $0.append(Seat(member: place, enrolment: id, schoolClass: answer.classId)) }
            case ("refused", _): heard.refused.withLock { $0 += 1 }
            default: break
            }
        }.run(connections: Self.connections, duration: .seconds(300))
        let freed = try await giveUp(heard.seated.withLock { $0 }, tokens, loop)
        let offers = try await store.offers(in: term)
        let confirmed = try await confirm(offers, tokens, loop)
        let account = try await store.account(of: term)
        let examples = try await store.examples(in: term)
        func token(_ member: Int64?) -> String? {
            member.flatMap { id in members.firstIndex { $0.rawValue == id } }.map { tokens[$0] }
        }
        return DemoSchool.State(
            schoolID: school, termID: term, seconds: load.seconds, asked: load.answers, seated: account.seated, waiting: account.waiting,
            applied: account.applied, refused: heard.refused.withLock { $0 }, freed: freed, offered: offers.count, confirmed: confirmed,
            waiterToken: token(examples.waiter?.member), waiterEnrolment: examples.waiter?.enrolment,
            learnerToken: token(examples.learner), learner: examples.learner)
    }

    /// Everybody's first wish, then everybody's second: some courses are wanted by many, most by few.
    private func wishes() -> [Int] {
        var random = SeededGenerator(seed: 2_029)
        var wishes: [Int] = []
        for place in 0..<enrolments {
            let share = Double.random(in: 0..<1, using: &random)
            var wish = Int(share * share * Double(classes.count))
            if place >= members.count, wish == wishes[place - members.count] { wish = (wish + 1) % classes.count }
            wishes.append(wish)
        }
        return wishes
    }

    private func giveUp(_ seated: [Seat], _ tokens: [String], _ loop: EventLoop) async throws -> Int {
        // Of each class the first to have been seated, and one in so many.
        let givers = Dictionary(grouping: seated, by: \.schoolClass).values.flatMap { seats in
            stride(from: 0, to: seats.count, by: Self.givesUp).map { seats[$0] }
        }
        if givers.isEmpty { return 0 }
        let load = try await LoadGenerator(loop, port: port) { _, number in
            number < givers.count
                ? Self.post("/v1/me/enrolments/\(givers[number].enrolment)/withdraw", nil, by: tokens[givers[number].member]) : nil
        }.run(connections: 1, duration: .seconds(120))
        return load.byStatus[200] ?? 0
    }

    /// Four of five take what they are offered; the others have not looked yet.
    private func confirm(_ offers: [(member: Int64, enrolment: Int64)], _ tokens: [String], _ loop: EventLoop) async throws -> Int {
        let places = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($0.element.rawValue, $0.offset) })
        let takers = offers.enumerated().filter { $0.offset % 5 != 4 }.compactMap { _, offer in
            places[offer.member].map { (token: tokens[$0], enrolment: offer.enrolment) }
        }
        if takers.isEmpty { return 0 }
        let load = try await LoadGenerator(loop, port: port) { _, number in
            number < takers.count ? Self.post("/v1/me/enrolments/\(takers[number].enrolment)/confirm", nil, by: takers[number].token) : nil
        }.run(connections: 1, duration: .seconds(120))
        return load.byStatus[200] ?? 0
    }

    private static func post(_ path: String, _ body: String?, by token: String) -> [UInt8] {
        let type = body == nil ? "" : "Content-Type: application/json\r\n"
        return Array(
            ("POST \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n\(type)"
                + "Content-Length: \(body?.utf8.count ?? 0)\r\n\r\n" + (body ?? "")).utf8)
    }

    private static func answer(_ body: ArraySlice<UInt8>) -> Answer? {
        do { return try JSONDecoder().decode(Answer.self, from: Data(body)) } catch { return nil }
    }
}
