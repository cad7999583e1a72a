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

extension TestService {
    /// As `waystation serve` composes it, with its clock moved.
    init(_ database: Database, _ keys: Keys, _ log: Log, connectionString: String, owner: String?, offsetMicroseconds: Int64 = 0)
        async throws
    {
        let metrics = Metrics()
        let clock = Clock(offsetMicroseconds: offsetMicroseconds)
        let registry = Registry(database: database, keys: keys, loops: database.loops, log: log)
        let stations = Stations(database: database, registry: registry, keys: keys, clock: clock, metrics: metrics)
        let programs = Programs(database: database, registry: registry, keys: keys, clock: clock)
        let checkups = Checkups(database: database, registry: registry, programs: programs, keys: keys, clock: clock)
        let coupons = Coupons(database: database, registry: registry, programs: programs, keys: keys, clock: clock, log: log)
        let insurance = Insurance(database: database, registry: registry, keys: keys, clock: clock)
        let nightSchool = NightSchool(database: database, registry: registry, keys: keys, clock: clock)
        let api = API(
            routes: registry.routes + stations.routes + programs.routes + checkups.routes + coupons.routes + insurance.routes
                + nightSchool.routes + Pages().routes,
            authenticator: registry.authenticator, log: log, metrics: metrics,
            onRequestFinished: { House.note($0, log) })
        let token = if let owner { owner } else { try await registry.accounts.createOwner(name: "owner") }
        self.init(
            database: database, registry: registry, stations: stations, programs: programs, checkups: checkups, coupons: coupons,
            insurance: insurance, nightSchool: nightSchool, api: api,
            client: TestClient(api, loop: database.loops[0], eventsMax: 1), keys: keys, metrics: metrics,
            connectionString: connectionString, owner: token)
    }

    /// Another server of the same service, whose clock is so many hours ahead.
    func later(hours: Int64) async throws -> TestService {
        try await TestService(
            database, keys, .silent, connectionString: connectionString, owner: owner, offsetMicroseconds: hours * 3_600_000_000)
    }
}

/// Runs `body` with the service as `waystation serve` composes it.
func withService<Value>(log: Log = .silent, _ body: (TestService) async throws -> Value) async throws -> Value {
    try await withDatabase { database in
        let connectionString = try await TestCluster.shared.connectionString(
            try await database.query("select current_database()")[0].decode(0))
        return try await body(try await TestService(database, .random(), log, connectionString: connectionString, owner: nil))
    }
}
