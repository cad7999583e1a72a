import Postgres
import Programs
import Registry
import Runtime

/// Previews: rules counted over five million members, within a city of 200 organizations.
extension ProgramsWork {
    private static let districts = 10
    private static let streets = 20
    private static let pieceRows = 250_000

    func measurePreview(_ house: BenchHouse, _ report: Report) async throws {
        let count = options.members ?? 5_000_000
        let roots = try await register(house, count, report)
        let previews = PreviewStore(house.database)
        guard let day = CalendarDate(text: "2026-12-31"), let since = CalendarDate(text: "2026-01-01") else { return }
        let rules = ProgramRules(
            eligibility: [
                .organization(roots), .age(atLeast: 18, atMost: 60, on: day),
                .attribute(.workerKind, oneOf: ["courier", "food_rider", "sanitation_worker"], evidence: .certified), .memberSince(since),
                .not(.benefit(family: "checkup", period: "2026")),
                .any([
                    .attribute(.hardshipHousehold, oneOf: ["true"], evidence: .certified),
                    .attribute(.employerCheckup, oneOf: ["false"], evidence: .selfDeclared),
                ]),
            ],
            classes: [.init(name: "posts", conditions: [.attribute(.hardshipPost, oneOf: ["true"], evidence: .certified)])],
            groups: [
                .init(name: "women", conditions: [.sex([.female])]),
                .init(name: "hardship", conditions: [.attribute(.hardshipHousehold, oneOf: ["true"], evidence: .certified)]),
            ])
        let plain = ProgramRules(eligibility: Array(rules.eligibility.prefix(4)), classes: rules.classes)
        for (name, wanted) in [("preview, members' own rows", plain), ("preview, claims and benefits too", rules)] {
            var seconds: [Double] = []
            var eligible = 0
            for _ in 1...options.runs {
                let start = MonotonicTime.current
                eligible = try await previews.preview(wanted, within: .everything).eligible
                seconds.append((MonotonicTime.current - start).secondsValue)
            }
            report.note("\(eligible) eligible")
            try report.figure(
                Self.name, name, ours: median(seconds), unit: "s", runs: options.runs, promise: "within 2 s for 5 000 000")
        }
    }

    /// A register of so many, and the roots of three of its districts.
    private func register(_ house: BenchHouse, _ count: Int, _ report: Report) async throws -> [ID<Organization>] {
        let city = try await house.ensureOrganization().id
        var roots: [ID<Organization>] = []
        for district in 1...Self.districts {
            guard
                let root = try await house.registry.organizations.ensure(
                    .init(parentID: city, kind: .district, name: "district \(district)"))
            else { throw BenchError(description: "a district was not made") }
            roots.append(root.id)
            for street in 1...Self.streets {
                _ = try await house.registry.organizations.ensure(.init(parentID: root.id, kind: .street, name: "street \(street)"))
            }
        }
        _ = try await house.database.query("alter table member drop constraint member_organization_exists")
        for start in stride(from: 0, to: count, by: Self.pieceRows) {
            report.note("members \(start)")
            try await fill(house, min(Self.pieceRows, count - start))
        }
        report.note("analyze")
        _ = try await house.database.query("vacuum (analyze) member")
        _ = try await house.database.query("vacuum (analyze) member_attribute")
        _ = try await house.database.query("vacuum (analyze) benefit")
        return Array(roots.prefix(3))
    }

    private func fill(_ house: BenchHouse, _ count: Int) async throws {
        try await house.database.transaction { transaction in
            try await transaction.script(
                """
                create temporary table drawn on commit drop as
                select member_id, abs(hashint8(member_id)) as draw
                from (
                    select nextval(pg_get_serial_sequence('member', 'member_id')) as member_id from generate_series(1, \(count))
                ) numbered;
                insert into member (
                    member_id, organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup,
                    created_at, evidenced)
                overriding system value
                select
                    member_id, 2 + draw % \(Self.districts * (Self.streets + 1)), case when draw % 50 = 0 then 'left' else 'active' end,
                    (array['courier', 'food_rider', 'ride_hailing_driver', 'truck_driver', 'housekeeper', 'online_marketer',
                        'sanitation_worker', 'factory_worker', 'other'])[1 + draw / 7 % 9],
                    'platform', (array['female', 'male'])[1 + draw / 3 % 2], date '1956-01-01' + (draw / 11 % 18000),
                    draw % 5 = 0, draw % 3 = 0, timestamptz '2022-01-01' + (draw / 13 % 1700) * interval '1 day',
                    case when draw % 10 < 6 then array['hardship_post', 'worker_kind'] else '{}' end
                from drawn;
                insert into member_attribute (member_id, attribute, value, evidence, evidenced_on, recorded_by, is_current)
                select member_id, 'hardship_household', 'true', 'certified', date '2026-03-01', 'bench', true from drawn where draw % 33 = 0
                union all
                select member_id, 'education', 'bachelor', 'self_declared', date '2026-03-01', 'bench', true from drawn where draw % 5 = 1;
                insert into benefit (member_id, family, period, state, held_at, changed_at)
                select member_id, 'checkup', '2026', 'used', now(), now() from drawn where draw % 9 = 0;
                """)
        }
    }
}
