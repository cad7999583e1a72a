import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Coupons

/// What decides at a counter goes by keys, however much there is beside it; and it keeps to itself who is there.
@Suite struct VenuePlanTests {
    @Test func `redeeming, taking back, journals, allowances, lists and settlements read every table by its keys`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let campaign = try await scene.campaign(at: [counter])
            let members = try await scene.members(30)
            for member in members + members { try await scene.coupon(of: campaign, for: member) }
            _ = try await scene.database.query("analyze")
            let moment = scene.moment()
            let reader = VenueCodeReader(scene.keys)
            let when = moment.before(seconds: 1)
            func scan(_ member: ID<Member>, _ text: String? = nil) throws -> VenueScan {
                let asked = VenueCodeReader.Asked(
                    requestID: try #require(UUID(uuidString: VenueScene.requestID())), deviceID: counter.device, couponID: nil,
                    spendFen: 12_000, occurredAt: when)
                return reader.scan(
                    text ?? scene.code(member, moment, ageSeconds: 2), pin: nil, asked, nowMicroseconds: when.microseconds)
            }
            let scans = try members[..<16].map { try scan($0) } + [scan(members[0], "K7QM2-XWD9F"), scan(members[0], "NFC:04A2F19C3B5D80")]
            let offline = try members[16...].map { try scan($0) }
            let reads = try await tableReads(scene.database) { (querying) async throws(PostgresError) in
                _ = try await querying.query(RedemptionStore.statement(scans, isOffline: false, 0))
                _ = try await querying.query(RedemptionStore.statement(scans, isOffline: false, 0))
                _ = try await querying.query(RedemptionStore.statement(offline, isOffline: true, 0))
                _ = try await querying.query(
                    RedemptionStore.undoStatement(scans[0].requestID, counter.device, nil, nil, "device:1", 0))
                _ = try await querying.query(
                    RedemptionStore.undoStatement(scans[1].requestID, nil, counter.id, "x", "account:1", 0))
                _ = try await querying.query(OfflineAllowanceStore.statement(counter.device, 0))
                for state in [nil] + VenueRedemption.State.allCases.map(Optional.some) {
                    _ = try await querying.query(
                        VenueRedemptionStore.statement(
                            counter.id, .init(from: moment.before(seconds: 60), until: moment.before(seconds: -60), state: state),
                            .everything, before: nil, limit: 51))
                }
                _ = try await CouponPersonStore().uses(of: [members[0]], in: querying)
                _ = try await querying.query(
                    SettlementStore.statement(campaign, from: moment.before(seconds: 60), until: moment.before(seconds: -60)))
            }
            #expect(reads.whole.isEmpty, "\(reads.whole)")
            #expect(Set(["coupon", "coupon_redemption", "coupon_round", "venue_device", "coupon_event"]).isSubset(of: reads.byKey.keys))
        }
    }

    @Test func `a page of a venue's redemptions is read off an index in its order, in any state`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            try await scene.database.transaction { (transaction) async throws(PostgresError) in
                for setting in ["enable_seqscan", "enable_sort", "enable_bitmapscan"] {
                    _ = try await transaction.query(SQL(raw: "set local \(setting) = off"))
                }
                for state in [nil] + VenueRedemption.State.allCases.map(Optional.some) {
                    let page = VenueRedemptionStore.statement(
                        counter.id, .init(state: state), .everything,
                        before: TimeCursor(at: Timestamp(microseconds: 1_732_000_000_000_000), requestID: UUID()), limit: 51)
                    var plan = ""
                    for row in try await transaction.query("explain \(fragment: page)") {
                        plan += try row.decode(0, as: String.self) + "\n"
                    }
                    #expect(plan.contains("coupon_redemption_of_venue") || plan.contains("coupon_redemption_unlike_others"), "\(plan)")
                    #expect(!plan.contains("Sort"), "\(plan)")
                }
            }
        }
    }

    @Test func `no row of the feature, answer kept or audit entry repeats a name, a phone or a code`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let person = try await scene.person()
            let campaign = try await scene.campaign(at: [counter])
            let coupon = try await scene.coupon(of: campaign, for: person)
            let moment = scene.moment()
            let code = scene.code(person, moment)
            let id = VenueScene.requestID()
            _ = try await scene.show(scene.body(code, moment, id: id), at: counter, moment)
            let refund = await scene.refund(id, of: counter.id, moment, headers: [("Idempotency-Key", "k")])
            #expect(refund.status == 200)
            let made = await moment.send(.post, "/v1/me/coupons/\(coupon)/code", by: try await scene.token(of: person))
            let oneTime = try made.json(CouponCodeAnswer.self).code
            let canaries = ["夏侯惇惇", "13812345678", "11010519491231002X", code, oneTime, oneTime.filter { $0 != "-" }]
            let tables: [String] = try await scene.database.query(
                """
                select table_name::text
                from information_schema.tables
                where table_schema = 'public' and (table_name like 'coupon%' or table_name like 'venue%'
                    or table_name in ('outbox_event', 'audit_entry', 'idempotency_key', 'attempt_limit'))
                """
            ).map { try $0.decode(0) }
            #expect(tables.count > 12)
            for table in tables {
                for row in try await scene.database.query(SQL(raw: "select row_to_json(kept)::text from \(table) kept")) {
                    let text: String = try row.decode(0)
                    for canary in canaries { #expect(!text.contains(canary), "\(table)") }
                }
            }
        }
    }
}
