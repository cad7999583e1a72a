import HTTP
import Registry
import Runtime

/// What a door's or a guard's screen asks for first: where it stands.
struct OwnAccessPointRoutes: Sendable {
    let accessPoints: AccessPointStore

    var all: [Route] { [list] }

    private var list: Route {
        Route(
            .get, "/v1/device/access-points", summary: "The access points that this device serves", tag: "Stations",
            access: .permission(RegistryPermission.scansCreate),
            responses: [.json(200, OwnAccessPointList.self, "In order of their ids")],
            problems: [StationProblem.deviceOnly, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let device = request.principal as? DevicePrincipal else { throw Problem(StationProblem.deviceOnly) }
            return Response.json(OwnAccessPointList(items: try await accessPoints.list(servedBy: device.deviceID)))
                .with("Cache-Control", "no-store")
        }
    }
}

/// An access point as the screen beside it needs it.
struct OwnAccessPoint: Codable, Sendable, APIType {
    let id: ID<AccessPoint>
    let name: String
    let directions: ServedDirections
    let isOpen: Bool
    let relayMilliseconds: Int32
    let version: Int32
    let stationId: ID<Station>
    let stationNameZh: String
    let stationNameEn: String?
    let stationAddress: String?
    let stationKind: StationKind
    let stationStatus: StationStatus
    let doorState: StationDoorState
    let timeZone: String

    static let schema = Schema.object(
        "OwnAccessPoint", "An access point that the device serves, and its station",
        [
            .required("id", .id), .required("name", .string(1...100)),
            .required("directions", .oneOf(ServedDirections.allCases.map(\.rawValue)), "Ways people go here"),
            .required("isOpen", .boolean, "Closed, it refuses every entry"),
            .required("relayMilliseconds", .integer(0...60_000), "How long the relay is held on opening"),
            .required("version", .integer(1...Int64(Int32.max)), "Rises with every change of the policy"),
            .required("stationId", .id), .required("stationNameZh", .string(1...100)), .optional("stationNameEn", .string(1...100)),
            .optional("stationAddress", .string(0...200)),
            .required("stationKind", .oneOf(StationKind.allCases.map(\.rawValue))),
            .required("stationStatus", .oneOf(StationStatus.allCases.map(\.rawValue))),
            .required("doorState", .oneOf(StationDoorState.allCases.map(\.rawValue)), "Of the station"),
            .required("timeZone", .string(1...64)),
        ])
}

struct OwnAccessPointList: Codable, Sendable, APIType {
    let items: [OwnAccessPoint]

    static let schema = Schema.object(
        "OwnAccessPointList", "The access points that a device serves",
        [.required("items", .array(of: OwnAccessPoint.schema, 0...AccessPointStore.servedMax))])
}
