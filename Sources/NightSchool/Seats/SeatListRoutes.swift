import HTTP
import Postgres
import Registry
import Runtime

/// Who has a seat in a class, who was offered one, who waits and who has applied.
struct SeatListRoutes: Sendable {
    let list: ClassListStore
    let seats: SeatListStore
    let members: MemberStore

    private typealias P = RegistryPermission

    var all: [Route] { [lines] }

    private var lines: Route {
        Route(
            .get, "/v1/classes/{id}/enrolments",
            summary: "A class's list, masked: the seated, the offered, who waits with their places, who has applied; one in clear by "
                + "/v1/members/{id}/unmask",
            tag: SchoolDesk.tag, access: .permission(P.schoolsRead),
            parameters: [
                ClassRoutes.id, .query("limit", .integer(1...200), "Items in the answer, 50 by default"),
                .query("after", SeatCursor.schema, "The answer before gave it as next"),
            ],
            responses: [
                .json(200, SeatLineList.self, "A page, in this order"),
                .bytes(200, ["text/csv"], "By Accept: the whole list from there on, for a spreadsheet"),
            ],
            problems: SchoolDesk.reading + [SchoolProblem.classUnknown]
        ) { request in
            var filter = ClassListStore.Filter()
            filter.scope = request.scope(of: P.schoolsRead)
            guard let found = try await list.find(request.parameter("id"), filter) else { throw Problem(SchoolProblem.classUnknown) }
            let limit = request.optionalParameter("limit", as: Int.self) ?? 50
            let cursor = request.optionalParameter("after", as: String.self).flatMap { SeatCursor($0) } ?? .start
            if request.prefers("text/csv", to: "application/json") {
                return Response.text(try await csv(of: found.id, after: cursor), contentType: "text/csv; charset=utf-8")
                    .with("Content-Disposition", "attachment; filename=\"class-\(found.id).csv\"").with("Cache-Control", "no-store")
            }
            let (items, next) = try await page(of: found.id, after: cursor, limit: limit)
            return Response.json(SeatLineList(items: items, next: next?.text)).with("Cache-Control", "no-store")
        }
    }

    private func page(
        of id: ID<SchoolClass>, after cursor: SeatCursor, limit: Int
    ) async throws -> (items: [SeatLine], next: SeatCursor?) {
        let read = try await seats.lines(of: id, after: cursor, limit: limit + 1)
        let shown = read.prefix(limit)
        var people: [ID<Member>: Member] = [:]
        for member in try await members.members(shown.map(\.memberID), within: .everything) { people[member.id] = member }
        let items = shown.map { line in
            let person = people[line.memberID]?.person
            return SeatLine(
                memberId: line.memberID, enrolmentId: line.enrolmentID, name: person?.name.masked, phone: person?.phone?.masked,
                state: line.state, place: line.place, wish: line.wish, offeredUntil: line.offeredUntil, enrolledAt: line.enrolledAt,
                changedAt: line.changedAt)
        }
        return (items, read.count > limit ? shown.last?.cursor : nil)
    }

    /// Lines of a file that are read at once.
    private static let piece = 1_000

    private func csv(of id: ID<SchoolClass>, after start: SeatCursor) async throws -> String {
        var text = "\u{FEFF}" + CSVLine.text(["会员号", "姓名", "手机", "状态", "候补位次", "第几志愿", "保留至", "报名时间"])
        var cursor: SeatCursor? = start
        while let after = cursor {
            let (items, next) = try await page(of: id, after: after, limit: Self.piece)
            for line in items {
                text += CSVLine.text(
                    [
                        "\(line.memberId)", line.name ?? "", line.phone ?? "", EnrolmentEnd.name(of: line.state).zh,
                        line.place.map { "\($0)" } ?? "", line.wish.map { "\($0)" } ?? "",
                        line.offeredUntil.map { $0.description } ?? "", line.enrolledAt.description,
                    ])
            }
            cursor = next
        }
        return text
    }
}
