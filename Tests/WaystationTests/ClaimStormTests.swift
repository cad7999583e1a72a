import Coupons
import Crypto
import FoundationEssentials
import Glibc
import HTTP
import Postgres
import Programs
import Registry
import Runtime
import Synchronization
import TestSupport
import Testing

/// A crowd on one round while its server is killed: who was told to have won has the coupon, and nobody has two.
struct ClaimStormTests {
    private static let stock = 300
    private static let crowd = 900
    private static let phones = 6
    /// So many have won when the server is killed, once and again.
    private static let kills = [70, 180]

    struct Answer: Decodable, Equatable {
        let result: String
        let couponId: Int64?
    }

    /// A claim of one member, the same bytes however often it is sent.
    struct Claim {
        let member: Int
        let request = UUID().uuidString.lowercased()
    }

    /// The round, its crowd, and the server of the moment.
    final class Storm: Sendable {
        let database: Database
        let folder: String
        let round: ID<CouponRound>
        let tokens: [String]
        let server: Mutex<RunningServer>
        private let connection: String
        private let heard = Mutex<[Int: Answer]>([:])

        init(_ database: Database, folder: String) async throws {
            self.database = database
            self.folder = folder
            let keys = try KeyFile.openOrCreate(path: folder + "/keys.json")
            connection = try await TestCluster.shared.connectionString(
                try await database.query("select current_database()::text")[0].decode(0))
            let registry = Registry(database: database, keys: keys, loops: database.loops)
            let city = try #require(try await registry.organizations.ensure(.init(kind: .city, name: "吉林"))).id
            round = try await Self.openRound(of: city, database, registry, keys)
            var tokens: [String] = []
            for row in try await database.query(
                """
                insert into member (
                    organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
                select \(city), 'active', 'courier', 'platform', 'female', '1990-01-01', false, false
                from generate_series(1, \(Int32(ClaimStormTests.crowd))) number
                returning member_id
                """)
            { tokens.append(try await registry.memberSessions.create(try row.decode(0)).token) }
            self.tokens = tokens
            server = Mutex(try await Self.start(connection, folder))
        }

        /// A round that was announced an hour ago and is open.
        static func openRound(
            of city: ID<Organization>, _ database: Database, _ registry: Registry, _ keys: Keys, stock: Int = ClaimStormTests.stock
        ) async throws -> ID<CouponRound> {
            let clock = Clock(offsetMicroseconds: -3_600_000_000)
            let programs = Programs(database: database, registry: registry, keys: keys, clock: clock)
            let coupons = Coupons(database: database, registry: registry, programs: programs, keys: keys, clock: clock)
            let now = Clock().nowMicroseconds
            let today = CalendarDate(daysSince1970: Int(now / 86_400_000_000))
            let facts = CouponCampaignFacts(
                title: "冰雪消费券", budgetFen: 100_000_000, faceFen: 5_000, minimumSpendFen: 10_000,
                window: CouponWindow(firstOn: today, lastOn: CalendarDate(daysSince1970: today.daysSince1970 + 90)))
            let round = CouponRoundFacts(
                opensAt: Timestamp(microseconds: now - 1_000_000), closesAt: Timestamp(microseconds: now + 3_600_000_000),
                stock: Int32(stock))
            return try await database.inTransaction { transaction in
                let made = try await coupons.campaigns.create(facts, of: city, within: .everything, by: "account:1", in: transaction)
                guard case .created(let campaign) = made else { throw Failure(text: "no campaign") }
                let draft = try #require(try await coupons.rounds.create(round, of: campaign, in: transaction))
                return try await coupons.life.announce(draft, of: campaign, by: .init(subject: "account:1"), in: transaction).id
            }
        }

        private static func start(_ connection: String, _ folder: String) async throws -> RunningServer {
            try await RunningServer(connection, folder: folder, ["--claims-per-address", "1000000"])
        }

        var answers: [Int: Answer] { heard.withLock { $0 } }
        var won: Int { heard.withLock { $0.values.count { $0.result == "won" } } }

        func killAndStart() async throws {
            let old = server.withLock { $0 }
            old.process.send(SIGKILL)
            _ = try await onThread(name: "wait") { old.process.wait() }.get()
            let fresh = try await Self.start(connection, folder)
            server.withLock { $0 = fresh }
        }

        /// Sends each of these until it is answered, over one connection at a time; blocks.
        func insist(_ claims: [Claim]) {
            var client: (connection: BlockingClient, port: Int)?
            for claim in claims {
                var answer: Answer?
                while answer == nil {
                    let port = server.withLock { $0.port }
                    do {
                        if client?.port != port { client = (try BlockingClient(port: UInt16(port)), port) }
                        answer = try client.flatMap { try ask($0.connection, claim) }
                    } catch {
                        client = nil
                        usleep(5_000)
                    }
                    if answer == nil { client = nil }
                }
                heard.withLock { $0[claim.member] = answer }
            }
        }

        /// Nil when the connection broke, or the server is not ready yet.
        private func ask(_ connection: BlockingClient, _ claim: Claim) throws -> Answer? {
            let answer = try connection.call(
                .post, "/v1/coupon-rounds/\(round)/claims",
                headers: [("Authorization", "Bearer \(tokens[claim.member])"), ("Content-Type", "application/json")],
                body: Array("{\"requestId\":\"\(claim.request)\"}".utf8))
            guard let answer, answer.status != 503 else { return nil }
            guard answer.status == 200 else {
                Issue.record("\(answer.status): \(answer.text)")
                return Answer(result: "broken", couponId: nil)
            }
            return try JSONDecoder().decode(Answer.self, from: Data(answer.body))
        }
    }

    private struct Failure: Error { let text: String }

    @Test func `a server killed in a storm of claims has given what it told, exactly the stock, and one each`() async throws {
        let folder = "/var/tmp/waystation-claims-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record("\(folder) stays: \(error)") } }
        try await withDatabase { database in
            let storm = try await Storm(database, folder: folder)
            let claims = (0..<Self.crowd).map { Claim(member: $0) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for phone in 0..<Self.phones {
                    let own = claims.filter { $0.member % Self.phones == phone }
                    group.addTask { try await onThread(name: "phone \(phone)") { storm.insist(own) }.get() }
                }
                group.addTask {
                    for count in Self.kills {
                        while storm.won < count { try await Task.sleep(for: .milliseconds(1)) }
                        try await storm.killAndStart()
                    }
                }
                try await group.waitForAll()
            }
            let first = storm.answers
            #expect(first.count == Self.crowd)
            #expect(storm.won == Self.stock)
            #expect(Set(first.values.map(\.result)) == ["won", "sold_out"])

            // The same once more, by another server: nothing changes.
            try await storm.killAndStart()
            try await onThread(name: "again") { storm.insist(claims.shuffled()) }.get()
            #expect(storm.answers == first)
            try await check(first, storm)
            try await storm.server.withLock { $0 }.stop()
        }
    }

    /// Holds what was told against the rows.
    private func check(_ told: [Int: Answer], _ storm: Storm) async throws {
        var real: Set<Int64> = []
        var persons: Set<Int64> = []
        for row in try await storm.database.query(
            """
            select coupon.coupon_id, coupon.member_id
            from coupon
            join coupon_claim claim on claim.member_id = coupon.member_id and claim.coupon_id = coupon.coupon_id and claim.state = 'won'
            where coupon.round_id = \(storm.round) and coupon.state = 'claimed'
            """)
        {
            real.insert(try row.decode(0))
            persons.insert(try row.decode(1))
        }
        #expect(real == Set(told.values.compactMap(\.couponId)))
        #expect(real.count == Self.stock && persons.count == Self.stock)
        let ledger = try await storm.database.query(
            """
            select issued, held, (select count(*)::integer from coupon where coupon.round_id = round.round_id)
            from coupon_round round where round_id = \(storm.round)
            """)[0]
        for column in 0..<3 { #expect(try ledger.decode(column, as: Int32.self) == Int32(Self.stock)) }
    }
}
