package import HTTP
package import Postgres
import Registry

/// Why a change to stations or access points was not made.
package enum StationError: Error, Sendable {
    case stationUnknown
    case accessPointUnknown
    case organizationUnknown
    case deviceUnknown
    case timeZoneUnknown
    /// The policy is of another version than the one to be replaced.
    case policyChanged
    /// The station is of another version than the one to be changed.
    case stationChanged
    /// What is wrong between its fields.
    case invalid([Violation])
    case database(PostgresError)

    init(_ error: PostgresError) {
        self =
            if error.isConstraint("station_organization_exists") {
                .organizationUnknown
            } else if error.isConstraint("access_point_station_exists") {
                .stationUnknown
            } else if error.isConstraint("device_access_point_device_exists") {
                .deviceUnknown
            } else if error.isConstraint("device_access_point_access_point_exists") {
                .accessPointUnknown
            } else if case .server(let server) = error, server.sqlState == "22023" {
                // invalid_parameter_value: raised by the check that the zone is known.
                .timeZoneUnknown
            } else {
                .database(error)
            }
    }
}

extension StationError: ProblemRepresentable {
    package var problem: Problem {
        switch self {
        case .stationUnknown: Problem(StationProblem.stationUnknown)
        case .accessPointUnknown: Problem(StationProblem.accessPointUnknown)
        case .organizationUnknown:
            Problem(
                StationProblem.invalid,
                violations: [
                    Violation(
                        "station.organization_unknown", pointer: "/organizationId", zh: "没有这个工会组织", en: "There is no such organization")
                ])
        case .deviceUnknown:
            Problem(
                StationProblem.invalid,
                violations: [Violation("station.device_unknown", pointer: "/deviceId", zh: "没有这台设备", en: "There is no such device")])
        case .timeZoneUnknown:
            Problem(
                StationProblem.invalid,
                violations: [Violation("station.time_zone_unknown", pointer: "/timeZone", zh: "没有这个时区", en: "There is no such time zone")])
        case .policyChanged: Problem(StationProblem.policyChanged)
        case .stationChanged: Problem(StationProblem.stationChanged)
        case .invalid(let violations): Problem(StationProblem.invalid, violations: violations)
        case .database(let error): error.problem
        }
    }
}
