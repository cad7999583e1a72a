import HTTP
import Registry
import Runtime

extension Route {
    /// The same route, which finds only stations and access points within the organizer's subtree: what lies outside does not exist.
    ///
    /// Put around all routes of stations in one place, so that none is forgotten. Devices and members are not concerned: their calls say
    /// by themselves what they reach.
    func reaching(_ reach: StationReachStore) -> Route {
        guard case .permission(let permission) = access else { return self }
        let (isStation, isAccessPoint) = (template.hasPrefix("/v1/stations/{id}"), template.hasPrefix("/v1/access-points/{id}"))
        guard isStation || isAccessPoint else { return self }
        return checked { request in
            guard request.principal is OrganizerPrincipal else { return }
            let scope = request.scope(of: permission)
            if scope == .everything { return }
            if isStation, try await !reach.station(request.parameter("id"), scope) { throw StationError.stationUnknown }
            if isAccessPoint, try await !reach.accessPoint(request.parameter("id"), scope) { throw StationError.accessPointUnknown }
        }
    }
}
