import Coupons
import FoundationEssentials
import HTTP
import Postgres
import Programs
import Registry
import Runtime
import Synchronization

/// Everybody of a winter city races for a round that opens: through HTTP, over 256 connections, each member once.
struct DemoStorm: Sendable {
    private static let connections = 256
    /// So many winners in a hundred give their coupon back.
    private static let returnedPercent = 1

    private let house: House
    private let winter: DemoWinter.State
    private let port: UInt16
    private let store: DemoWinterStore

    init(_ house: House, _ winter: DemoWinter.State, port: UInt16) {
        self.house = house
        self.winter = winter
        self.port = port
        store = DemoWinterStore(database: house.database)
    }

    /// What is heard of the crowd while it runs.
    private final class Heard: Sendable {
        let won = Mutex<[(member: Int, coupon: Int64)]>([])
    }

    private struct Answer: Decodable {
        let result: String
        let couponId: Int64?
    }

    func run() async throws -> DemoStormResult {
        let round = ID<CouponRound>(winter.rounds[DemoWinter.stormRound - 1])
        guard
            let city = try await house.registry.organizations.ensure(
                Organization.Draft(parentID: nil, kind: .city, name: DemoWinter.cityName)),
            let facts = try await house.coupons.rounds.find(round, in: house.database)?.facts
        else { throw CommandError("the demo's winter is gone") }
        let people = try await house.registry.members.active(Scope(subtrees: [city.id])).map(\.id)
        let tokens = try await store.signIn(people)
        let loop = try EventLoop.start(name: "crowd")
        defer { loop.shutDown() }
        let wait = facts.opensAt.microseconds - house.settings.clock.nowMicroseconds
        // The first come as soon as it opens, by the clock of the database.
        if wait > 0 { try await Task.sleep(for: .microseconds(wait + 1_000)) }

        let heard = Heard()
        let load = try await LoadGenerator(loop, port: port) { connection, number in
            let place = number * Self.connections + connection
            return place < tokens.count ? Self.claim(round, by: tokens[place]) : nil
        } onAnswer: { connection, number, status, body in
            guard status == 200, let answer = Self.answer(body), answer.result == "won", let coupon = answer.couponId else { return }
            heard.won.withLock { $0.append((number * Self.connections + connection, coupon)) }
        }.run(connections: min(Self.connections, tokens.count), duration: .seconds(120))
        let won = heard.won.withLock { $0 }
        let givers = Array(won.prefix(won.count * Self.returnedPercent / 100))
        if !givers.isEmpty {
            _ = try await LoadGenerator(loop, port: port) { _, number in
                number < givers.count ? Self.giveBack(givers[number].coupon, by: tokens[givers[number].member]) : nil
            }.run(connections: 1, duration: .seconds(60))
        }
        let (ledger, soldOutAfter) = try await store.account(of: ID(winter.campaign), round)
        return DemoStormResult(
            stock: Int(facts.stock), kept: facts.rules.floors.first?.size ?? 0, faceFen: ledger.faceFen, claims: load.answers,
            failures: load.failures + load.answers - (load.byStatus[200] ?? 0), won: won.count, returned: givers.count,
            seconds: load.seconds, soldOutAfter: soldOutAfter, latenciesMicroseconds: load.latenciesMicroseconds,
            shares: try await store.shares(of: round, among: city.id), ledger: ledger)
    }

    private static func claim(_ round: ID<CouponRound>, by token: String) -> [UInt8] {
        let body = "{\"requestId\":\"\(UUID().uuidString)\"}"
        return Array(
            ("POST /v1/coupon-rounds/\(round)/claims HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n"
                + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body).utf8)
    }

    private static func giveBack(_ coupon: Int64, by token: String) -> [UInt8] {
        Array(
            ("POST /v1/me/coupons/\(coupon)/return HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n"
                + "Content-Length: 0\r\n\r\n").utf8)
    }

    private static func answer(_ body: ArraySlice<UInt8>) -> Answer? {
        do { return try JSONDecoder().decode(Answer.self, from: Data(body)) } catch { return nil }
    }
}
