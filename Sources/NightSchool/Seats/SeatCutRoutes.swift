import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Fewer seats than are taken: proposed by one organizer, confirmed by another.
struct SeatCutRoutes: Sendable {
    let desk: SchoolDesk
    let life: ClassLife

    private typealias P = RegistryPermission

    var all: [Route] { [propose, look, confirm] }

    private var propose: Route {
        Route(
            .post, "/v1/classes/{id}/cuts",
            summary: "Proposes fewer seats than are taken: nothing changes until another organizer confirms", tag: SchoolDesk.tag,
            access: .permission(P.schoolsWrite),
            parameters: [ClassRoutes.id, EntityTag.ifMatch, IdempotencyStore.parameter],
            body: .json(ClassCutBody.self, limitBytes: 4_096), responses: [.json(202, ClassCutAnswer.self, "Who would lose their seat")],
            problems: ClassRoutes.held + IdempotencyStore.problems
        ) { request in
            let body = try request.json(ClassCutBody.self)
            return try await desk.idempotency.once(request) { querying in
                try await .json(
                    life.proposeCut(
                        body, of: request.parameter("id"), within: request.scope(of: P.schoolsWrite), version: request.versionToChange,
                        by: ProgramLife.Actor(request), in: querying), status: 202)
            }
        }
    }

    private var look: Route {
        Route(
            .get, "/v1/classes/{id}/cuts", summary: "The proposal that waits for its confirmation", tag: SchoolDesk.tag,
            access: .permission(P.schoolsRead), parameters: [ClassRoutes.id],
            responses: [.json(200, ClassCutAnswer.self, "Who would lose their seat")],
            problems: SchoolDesk.reading + [SchoolProblem.classUnknown, SchoolProblem.noCut]
        ) { request in
            try await life.classes.database.inTransaction { transaction in
                try await .json(
                    life.cut(of: request.parameter("id"), within: request.scope(of: P.schoolsRead), in: transaction))
            }
        }
    }

    private var confirm: Route {
        Route(
            .post, "/v1/classes/{id}/cuts/confirm", summary: "Confirms another organizer's proposal: people lose their seats",
            tag: SchoolDesk.tag, access: .permission(P.schoolsWrite), parameters: [ClassRoutes.id, IdempotencyStore.parameter],
            body: .json(ClassCutConfirmation.self, limitBytes: 1_024), responses: [.json(200, ClassSheet.self, "As it is now")],
            problems: ClassRoutes.held + [SchoolProblem.noCut, SchoolProblem.ownCut, SchoolProblem.cutChanged]
                + IdempotencyStore.problems
        ) { request in
            let body = try request.json(ClassCutConfirmation.self)
            return try await desk.idempotency.once(request) { querying in
                let after = try await life.confirmCut(
                    body.id, of: request.parameter("id"), within: request.scope(of: P.schoolsWrite), by: ProgramLife.Actor(request),
                    in: querying)
                return SchoolDesk.answer(
                    ClassSheet(after, try await life.lessons.lessons(of: after.id, in: querying)), version: after.version)
            }
        }
    }
}
