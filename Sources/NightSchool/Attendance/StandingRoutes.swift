import HTTP
import Postgres
import Registry
import Runtime

/// Warnings and lower priorities: members read theirs and appeal, organizers decide.
struct StandingRoutes: Sendable {
    let desk: SchoolDesk
    let standings: StandingStore
    let people: LessonPeople
    let members: MemberStore

    private typealias P = RegistryPermission
    private static let id = Parameter.path("id", .id, "The standing")

    var all: [Route] { [own, appeal, list, decide] }

    private var own: Route {
        Route(
            .get, "/v1/me/school-standings", summary: "Warnings and lower priorities that absences brought you, the newest first",
            tag: "Me",
            access: .permission(P.me), responses: [.json(200, StandingList.self, "The standings")], problems: SchoolDesk.reading
        ) { request in
            let numbers = try await members.numbers(of: request.member.memberID)
            return Response.json(StandingList(items: try await standings.list(of: numbers), next: nil)).with("Cache-Control", "no-store")
        }
    }

    private var appeal: Route {
        Route(
            .post, "/v1/me/school-standings/{id}/appeal", summary: "Appeals against a warning or a lower priority, once", tag: "Me",
            access: .permission(P.me), parameters: [Self.id], body: .json(AppealBody.self, limitBytes: 1_024),
            responses: [.json(200, Standing.self, "The appeal stands in it, for an organizer to decide")],
            problems: SchoolDesk.reading + [
                AttendanceProblem.standingUnknown, AttendanceProblem.standingLifted, AttendanceProblem.appealExists,
            ]
        ) { request in
            let ground = try request.json(AppealBody.self).ground
            let numbers = try await members.numbers(of: request.member.memberID)
            return try await standings.database.inTransaction { transaction in
                guard let found = try await standings.find(request.parameter("id"), isHeld: true, in: transaction)?.standing,
                    numbers.contains(found.memberId)
                else { throw Problem(AttendanceProblem.standingUnknown) }
                if found.appeal != nil { throw Problem(AttendanceProblem.appealExists) }
                if found.liftedAt != nil { throw Problem(AttendanceProblem.standingLifted) }
                try await standings.appeal(found.id, ground, by: request.actor, in: transaction)
                return Response.json(try await self.found(found.id, in: transaction).standing).with("Cache-Control", "no-store")
            }
        }
    }

    private func found(
        _ id: ID<Standing>, isHeld: Bool = false, in querying: any Querying
    ) async throws -> (standing: Standing, school: ID<School>) {
        guard let found = try await standings.find(id, isHeld: isHeld, in: querying) else {
            throw Problem(AttendanceProblem.standingUnknown)
        }
        return found
    }

    // MARK: Organizers

    private var list: Route {
        Route(
            .get, "/v1/schools/{id}/standings", summary: "Warnings and lower priorities of a school, masked", tag: SchoolDesk.tag,
            access: .permission(P.schoolsRead),
            parameters: [SchoolRoutes.id, .query("appealed", .boolean, "Those only whose appeal waits for a decision")]
                + PageCursor.parameters,
            responses: [.json(200, StandingList.self, "A page")], problems: SchoolDesk.reading + [SchoolProblem.schoolUnknown]
        ) { request in
            let school = try await desk.school(request.parameter("id"), request, P.schoolsRead)
            let (after, limit) = PageCursor.read(request, of: Standing.self)
            let isAppealed: Bool? = request.optionalParameter("appealed")
            let found = try await standings.list(of: school.id, isAppealed: isAppealed ?? false, after: after, limit: limit + 1)
            var (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            let names = try await people.names(items.map(\.memberId))
            for index in items.indices { items[index].maskedName = names[items[index].memberId] }
            return Response.json(StandingList(items: items, next: next)).with("Cache-Control", "no-store")
        }
    }

    private var decide: Route {
        Route(
            .put, "/v1/school-standings/{id}/appeal", summary: "Decides an appeal: accepted, it lifts the standing; refused, for a reason",
            tag: SchoolDesk.tag, access: .permission(P.schoolsWrite), parameters: [Self.id],
            body: .json(AppealDecisionBody.self, limitBytes: 4_096), responses: [.json(200, Standing.self, "As it is now")],
            problems: [
                AttendanceProblem.standingUnknown, AttendanceProblem.appealUnknown, AttendanceProblem.appealDecided, SchoolProblem.invalid,
            ] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(AppealDecisionBody.self)
            if !body.accepted, body.reason == nil {
                throw SchoolProblem.invalid([
                    Violation(
                        "school.reason_missing", pointer: "/reason", zh: "驳回须说明原因", en: "An appeal is refused for a reason")
                ])
            }
            return try await desk.idempotency.once(request) { querying in
                let (before, schoolID) = try await found(request.parameter("id"), isHeld: true, in: querying)
                guard
                    let school = try await desk.schools.school(schoolID, within: request.scope(of: P.schoolsWrite), in: querying)
                else { throw Problem(AttendanceProblem.standingUnknown) }
                guard let appeal = before.appeal else { throw Problem(AttendanceProblem.appealUnknown) }
                if appeal.state == .filed {
                    try await standings.decide(
                        before.id, accepted: body.accepted, reason: body.reason, by: request.actor, in: querying)
                    try await desk.record(
                        "enrolment_standing.appeal_decided", "member:\(before.memberId)", of: school.organizationId,
                        details: ["standing": "\(before.id)", "accepted": "\(body.accepted)"], request, in: querying)
                } else if (appeal.state == .accepted) != body.accepted {
                    throw Problem(AttendanceProblem.appealDecided)
                }
                return Response.json(try await found(before.id, in: querying).standing).with("Cache-Control", "no-store")
            }
        }
    }
}
