import HTTP
import Postgres
import Registry
import Runtime

/// Programs for whoever may take part: apply, change, withdraw, and how it stands.
struct MyProgramRoutes: Sendable {
    let applications: ProgramApplicationStore
    let programs: ProgramStore

    var all: [Route] { [apply, withdraw] }

    private static let id = Parameter.path("id", .id, "The program")
    private static let tag = "Me"

    static let refusals = [
        ProgramProblem.notFound, ApplicationProblem.notOpen, ApplicationProblem.closed, ApplicationProblem.refused,
        RegistryProblem.databaseUnavailable,
    ]

    private var apply: Route {
        Route(
            .put, "/v1/me/programs/{id}/application",
            summary: "Applies to a program, or replaces the wishes of an application; until the program closes", tag: Self.tag,
            access: .permission(RegistryPermission.me), parameters: [Self.id], body: .json(WishesBody.self, limitBytes: 4_096),
            responses: [.json(200, OwnProgramApplicationAnswer.self, "The application")], problems: Self.refusals
        ) { request in
            let me = request.member
            let id: ID<UnionProgram> = request.parameter("id")
            let wishes = try request.json(WishesBody.self).wishes
            let outcome = try await applications.apply(
                ApplyRequest(memberID: me.memberID, programID: id, wishes: wishes, subject: me.subject))
            return .json(OwnProgramApplicationAnswer(try outcome.receipt, to: id))
        }
    }

    private var withdraw: Route {
        Route(
            .delete, "/v1/me/programs/{id}/application",
            summary: "Takes an application back, until the program closes; again changes nothing",
            tag: Self.tag, access: .permission(RegistryPermission.me), parameters: [Self.id],
            responses: [.empty(204, "Withdrawn")],
            problems: [
                ProgramProblem.notFound, ApplicationProblem.notOpen, ApplicationProblem.closed, ApplicationProblem.none,
                RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let outcome = try await applications.withdraw(request.member.memberID, from: request.parameter("id"))
            if let problem = outcome.problem { throw problem }
            return .empty()
        }
    }
}

extension ApplyOutcome {
    /// What was taken.
    /// - Throws: why it was not, with every reason.
    var receipt: Receipt {
        get throws(Problem) {
            switch self {
            case .applied(let receipt): return receipt
            case .refused(let reasons): throw ApplicationProblem.problem(reasons)
            case .programUnknown: throw Problem(ProgramProblem.notFound)
            case .memberUnknown: throw Problem(RegistryProblem.memberNotFound)
            }
        }
    }
}

extension ProgramApplicationStore.WithdrawOutcome {
    /// Why nothing was withdrawn.
    var problem: Problem? {
        switch self {
        case .withdrawn, .already: nil
        case .notApplied: Problem(ApplicationProblem.none)
        case .programUnknown: Problem(ProgramProblem.notFound)
        case .notOpen: Problem(ApplicationProblem.notOpen)
        case .closed: Problem(ApplicationProblem.closed)
        }
    }
}
