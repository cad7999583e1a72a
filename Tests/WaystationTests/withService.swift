import Checkups
import Coupons
import Crypto
import HTTP
import Insurance
import NightSchool
import Pages
import Postgres
import Programs
import Registry
import Runtime
import Stations
import TestSupport

@testable import waystation

/// The whole service over a fresh database, called without a socket.
struct TestService: Sendable {
    let database: Database
    let registry: Registry
    let stations: Stations
    let programs: Programs
    let checkups: Checkups
    let coupons: Coupons
    let insurance: Insurance
    let nightSchool: NightSchool
    let api: API
    let client: TestClient
    let keys: Keys
    let metrics: Metrics
    /// Where the database is, as libpq reads it.
    let connectionString: String
    /// A bearer token of the owner.
    let owner: String
}

/// Runs `body` with the service as `waystation serve` composes it.
func withService<Value>(log: Log = .silent, _ body: (TestService) async throws -> Value) async throws -> Value {
    try await withDatabase { database in
        let keys = Keys.random()
        let metrics = Metrics()
        let registry = Registry(database: database, keys: keys, loops: database.loops, log: log)
        let stations = Stations(database: database, registry: registry, keys: keys, clock: Clock(), metrics: metrics)
        let programs = Programs(database: database, registry: registry, keys: keys, clock: Clock())
        let checkups = Checkups(database: database, registry: registry, programs: programs, keys: keys, clock: Clock())
        let coupons = Coupons(database: database, registry: registry, programs: programs, keys: keys, clock: Clock(), log: log)
        let insurance = Insurance(database: database, registry: registry, keys: keys, clock: Clock())
        let nightSchool = NightSchool(database: database, registry: registry, keys: keys, clock: Clock())
        let api = API(
            routes: registry.routes + stations.routes + programs.routes + checkups.routes + coupons.routes + insurance.routes
                + nightSchool.routes + Pages().routes,
            authenticator: registry.authenticator, log: log, metrics: metrics,
            onRequestFinished: { House.note($0, log) })
        return try await body(
            TestService(
                database: database, registry: registry, stations: stations, programs: programs, checkups: checkups, coupons: coupons,
                insurance: insurance, nightSchool: nightSchool, api: api,
                client: TestClient(api, loop: database.loops[0], eventsMax: 1),
                keys: keys, metrics: metrics,
                connectionString: try await TestCluster.shared.connectionString(
                    try await database.query("select current_database()")[0].decode(0)),
                owner: try await registry.accounts.createOwner(name: "owner")))
    }
}
