import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime

/// Taking back an entry through which nobody went.
struct AnnulmentRoutes: Sendable {
    let annulments: AnnulmentStore

    var all: [Route] { [annul] }

    private var annul: Route {
        Route(
            .post, "/v1/access/annulments",
            summary: "Takes back an entry of the last 15 minutes through which nobody went; its code stays used", tag: "Stations",
            access: .permission(RegistryPermission.scansCreate), body: .json(AnnulmentBody.self, limitBytes: 1_024),
            responses: [.json(200, AnnulmentAnswer.self, "Taken back, now or before")],
            problems: [
                StationProblem.deviceOnly, CredentialProblem.scanForeign, CredentialProblem.scanUnknown, CredentialProblem.notAnEntry,
                CredentialProblem.annulmentTooLate, CredentialProblem.exitSince, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            guard let device = (request.principal as? DevicePrincipal)?.deviceID else { throw Problem(StationProblem.deviceOnly) }
            let body = try request.json(AnnulmentBody.self)
            guard let requestID = UUID(uuidString: body.requestId) else { preconditionFailure("the schema lets only uuids through") }
            let annulment = Annulment(
                requestID: requestID, deviceID: device, accessPointID: body.accessPointId, reason: body.reason ?? .nobodyEntered)
            guard let outcome = try await annulments.annul([annulment]).first else { preconditionFailure("one outcome for one request") }
            switch outcome {
            case .annulled(let at, let presenceRestored, let peopleInside):
                return .json(
                    AnnulmentAnswer(
                        requestId: requestID.lowercased, annulledAt: at.description, presenceRestored: presenceRestored,
                        peopleInside: peopleInside))
            case .foreign: throw Problem(CredentialProblem.scanForeign)
            case .unknown: throw Problem(CredentialProblem.scanUnknown)
            case .notAnEntry: throw Problem(CredentialProblem.notAnEntry)
            case .tooLate: throw Problem(CredentialProblem.annulmentTooLate)
            case .exitSince: throw Problem(CredentialProblem.exitSince)
            }
        }
    }
}
