import Crypto
import HTTP
import Postgres
import Registry
import Runtime
import Stations
import TestSupport

/// The whole service over a fresh database, called without a socket.
struct TestService: Sendable {
    let database: Database
    let registry: Registry
    let stations: Stations
    let api: API
    let client: TestClient
    let keys: Keys
    /// A bearer token of the owner.
    let owner: String
}

/// Runs `body` with the service as `waystation serve` composes it.
func withService<Value>(_ body: (TestService) async throws -> Value) async throws -> Value {
    try await withDatabase { database in
        let keys = Keys.random()
        let metrics = Metrics()
        let registry = Registry(database: database, keys: keys, loops: database.loops)
        let stations = Stations(database: database, registry: registry, keys: keys, clock: Clock(), metrics: metrics)
        let api = API(routes: registry.routes + stations.routes, authenticator: registry.authenticator, metrics: metrics)
        return try await body(
            TestService(
                database: database, registry: registry, stations: stations, api: api, client: TestClient(api, loop: database.loops[0]),
                keys: keys, owner: try await registry.accounts.createOwner(name: "owner")))
    }
}
