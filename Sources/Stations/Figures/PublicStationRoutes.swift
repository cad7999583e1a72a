import Crypto
import HTTP
import Postgres
import Registry
import Runtime

/// The stations for everybody: on a web page, on a screen in the street, in a map. To be kept for ten seconds by whoever asks.
struct PublicStationRoutes: Sendable {
    let stations: PublicStationStore

    var all: [Route] { [list, read] }

    private static let ifNoneMatch = Parameter.header(
        "If-None-Match", .string(1...1_000), "The ETag as read: nothing is sent when it is still the same")
    private static let unchanged = ResponseDeclaration.empty(304, "Still as the ETag given in If-None-Match says")

    private var list: Route {
        Route(
            .get, "/v1/public/stations", summary: "Lists the stations for everybody: open now, how full, what they offer", tag: "Public",
            access: .anyone, parameters: PageCursor.parameters + [Self.ifNoneMatch],
            responses: [.json(200, PublicStationList.self, "Stations in order of their ids"), Self.unchanged],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: Station.self)
            let found = try await stations.list(after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return try Self.answer(PublicStationList(items: items, next: next), request)
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/public/stations/{id}", summary: "Shows a station to everybody", tag: "Public",
            access: .anyone, parameters: [.path("id", .id, "The station"), Self.ifNoneMatch],
            responses: [.json(200, PublicStation.self, "The station"), Self.unchanged],
            problems: [StationProblem.stationUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let station = try await stations.find(request.parameter("id")) else { throw Problem(StationProblem.stationUnknown) }
            return try Self.answer(station, request)
        }
    }

    private static func answer(_ value: some Encodable & APIType, _ request: Request) throws -> Response {
        let bytes = try JSON.encode(value)
        let tag = "\"\(Hex.encode(Array(SHA256.hash(bytes).prefix(12))))\""
        // Weak comparison (RFC 9110, 13.1.2): a cache on the way may have made our tag a weak one.
        let known = (request.headers["If-None-Match"] ?? "").split(separator: ",").map { entry in
            let text = entry.drop { $0 == " " }
            return (text.hasPrefix("W/") ? text.dropFirst(2) : text).filter { $0 != " " }
        }
        let response =
            known.contains { $0 == tag || $0 == "*" } ? Response.empty(304) : Response.bytes(bytes, contentType: "application/json")
        return response.with("ETag", tag).with("Cache-Control", "public, max-age=10")
    }
}
