import Insurance
import Postgres
import Programs
import Registry
import Runtime

/// Hubei's fourth batch (湖北, 2025): 85,000 accident policies after 115,000 in three, nobody twice for the same days; the insurer rejects
/// three in a hundred, which are mended and sent again until none is left.
struct DemoGifts: Sendable {
    /// What the demo remembers of it.
    struct State: Codable, Sendable {
        var batch: Int64
        var policies: Int32
        var rounds: [InsurerRehearsal.Round]
        /// Somebody who was given one.
        var member: Int64
        var memberToken: String
    }

    static let cityName = "湖北省总工会"
    static let unionNames = ["武汉市总工会", "宜昌市总工会", "襄阳市总工会", "荆州市总工会", "湖北省新就业形态劳动者工会联合会"]
    private static let newForms: [WorkerKind] = [.courier, .foodRider, .rideHailingDriver, .truckDriver, .housekeeper, .onlineMarketer]

    private let house: House
    private let signals: Signals
    /// Of Changzhou's year, to which all is in proportion: 200,000 for the batches as they were.
    private let applicants: Int

    init(_ house: House, _ signals: Signals, applicants: Int) {
        self.house = house
        self.signals = signals
        self.applicants = applicants
    }

    private func share(_ thousands: Int) -> Int32 { max(2, Int32(applicants * thousands / 200)) }

    func prepare() async throws -> State {
        let organizations = house.registry.organizations
        guard let province = try await organizations.ensure(Organization.Draft(parentID: nil, kind: .city, name: Self.cityName)) else {
            throw CommandError("the demo's province could not be made")
        }
        for name in Self.unionNames {
            let kind: OrganizationKind = name == Self.unionNames.last ? .industryFederation : .district
            _ = try await organizations.ensure(Organization.Draft(parentID: province.id, kind: kind, name: name))
        }
        let register = DemoRegister(
            seed: 2_028, count: max(40, applicants * 21 / 20), first: 14_000_000, organizations: Self.unionNames)
        try await DemoCity.importRegister(register, "Making up a province", house, signals)
        let product = try await makeProduct(of: province.id)
        for (number, thousands) in [40, 40, 35].enumerated() {
            try stopIfAsked()
            Terminal.error("Insurance: batch \(number + 1), \(grouped(Int(share(thousands)))) policies …\n")
            let batch = try await give(number + 1, share(thousands), product, to: province.id)
            _ = try await house.insurance.rehearsal.round(batch, rejectedPerThousand: 0)
        }
        let size = share(85)
        Terminal.error("Insurance: batch 4, \(grouped(Int(size))) policies; the insurer rejects 3 in 100, until none is left …\n")
        let batch = try await give(4, size, product, to: province.id)
        var rounds: [InsurerRehearsal.Round] = []
        while let round = try await house.insurance.rehearsal.round(batch, rejectedPerThousand: 30) {
            try stopIfAsked()
            rounds.append(round)
        }
        guard let one = try await house.insurance.policies.list(of: batch, after: nil, limit: 1).first else {
            throw CommandError("the demo's batch gave nothing")
        }
        let session = try await house.registry.memberSessions.create(one.memberID)
        return State(
            batch: batch.rawValue, policies: size, rounds: rounds, member: one.memberID.rawValue, memberToken: session.token)
    }

    private func stopIfAsked() throws {
        if signals.hasArrived { throw CommandError("stopped while making up a province") }
    }

    private func makeProduct(of province: ID<Organization>) async throws -> InsuranceProduct {
        let facts = InsuranceProductFacts(
            name: "职工意外伤害保险", nameEn: "Accident insurance", family: "accident", sumInsuredFen: 10_000_000,
            covers: [
                .init(name: "意外身故、伤残", nameEn: "Accidental death or disability", fen: 10_000_000),
                .init(name: "意外医疗", nameEn: "Medical costs of an accident", fen: 1_000_000),
            ], ages: 16...65, claimAdvice: "出险后48小时内拨打95519报案，保存病历与发票",
            claimAdviceEn: "Call 95519 within 48 hours and keep the records and invoices")
        let products = house.insurance.products
        return try await house.database.inTransaction { transaction in
            guard
                let insurer = try await products.create(
                    InsurerFacts(name: "中国人寿湖北省分公司", hotline: "95519"), of: province, within: .everything, by: "account:1",
                    in: transaction),
                let product = try await products.create(facts, of: insurer.id, within: .everything, by: "account:1", in: transaction)
            else { throw CommandError("the demo's product could not be made") }
            return product
        }
    }

    /// Announced, run and confirmed.
    private func give(
        _ number: Int, _ size: Int32, _ product: InsuranceProduct, to province: ID<Organization>
    ) async throws -> ID<InsuranceBatch> {
        let (maker, reviewer) = (ProgramLife.Actor(subject: "account:1"), ProgramLife.Actor(subject: "account:2"))
        // China is eight hours ahead of UTC all year. Earlier batches began earlier; all end together, so all overlap.
        let today = Int((house.settings.clock.nowMicroseconds + 8 * 3_600_000_000) / 86_400_000_000)
        let from = CalendarDate(daysSince1970: today + 30 - (4 - number) * 5)
        let facts = InsuranceBatchFacts(
            title: "2025年第\(number)批", donor: Self.cityName, size: size, premiumFen: 5_000, coverFrom: from,
            coverUntil: CalendarDate(daysSince1970: today + 390),
            rules: ProgramRules(
                classes: [
                    .init(name: "苦脏累险岗位", conditions: [.attribute(.hardshipPost, oneOf: ["true"], evidence: .selfDeclared)])
                ],
                groups: [
                    .init(
                        name: "新就业形态劳动者",
                        conditions: [.attribute(.workerKind, oneOf: Self.newForms.map(\.rawValue), evidence: .selfDeclared)])
                ],
                floors: [.init(group: "新就业形态劳动者", size: Int(size) * 5 / 6)]))
        let insurance = house.insurance
        let id = try await house.database.inTransaction { transaction in
            guard
                let draft = try await insurance.batches.create(
                    facts, of: product.id, for: province, within: .everything, by: maker.subject, in: transaction)
            else { throw CommandError("the demo's batch could not be made") }
            return try await insurance.life.announce(draft.id, by: maker, in: transaction).id
        }
        _ = try await insurance.run.make(id, by: maker)
        try await house.database.inTransaction { transaction in
            _ = try await insurance.life.review(id, isConfirmed: true, reason: nil, by: reviewer, in: transaction)
        }
        return id
    }
}
