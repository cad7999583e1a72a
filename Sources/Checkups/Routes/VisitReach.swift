import HTTP
import Registry
import Runtime

/// Finds the visit that a request names, as far as its caller reaches: organizers by their subtree, devices by their organization.
struct VisitReach: Sendable {
    let visits: VisitStore

    static let id = Parameter.path("id", .id, "The visit")

    /// - Throws: `checkup.visit_unknown`, for what lies outside and for what does not exist alike.
    func visit(_ request: Request, _ permission: Permission) async throws -> VanVisit {
        let id: ID<VanVisit> = request.parameter("id")
        let visit =
            if let device = request.principal as? DevicePrincipal {
                try await visits.find(id, by: device.deviceID)
            } else {
                try await visits.find(id, within: request.scope(of: permission))
            }
        guard let visit else { throw Problem(CheckupProblem.visitUnknown) }
        return visit
    }
}
