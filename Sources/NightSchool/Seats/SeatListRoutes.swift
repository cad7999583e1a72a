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
            responses: [.json(200, SeatLineList.self, "A page, in this order")],
            problems: SchoolDesk.reading + [SchoolProblem.classUnknown]
        ) { request in
            var filter = ClassListStore.Filter()
            filter.scope = request.scope(of: P.schoolsRead)
            guard let found = try await list.find(request.parameter("id"), filter) else { throw Problem(SchoolProblem.classUnknown) }
            let limit = request.optionalParameter("limit", as: Int.self) ?? 50
            let cursor = request.optionalParameter("after", as: String.self).flatMap { SeatCursor($0) } ?? .start
            let read = try await seats.lines(of: found.id, after: cursor, limit: limit + 1)
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
            return Response.json(SeatLineList(items: items, next: read.count > limit ? shown.last?.cursor.text : nil))
                .with("Cache-Control", "no-store")
        }
    }
}
