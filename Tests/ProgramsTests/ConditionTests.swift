import Postgres
import Runtime
import TestSupport
import Testing

@testable import Programs
@testable import Registry

/// A condition decides the same wherever it is tried: upon one candidate, by keys, over a whole register.
@Suite struct ConditionTests {
    @Test(arguments: SeededGenerator.seeds(4))
    func `a condition holds of a candidate exactly where its statement says so`(seed: UInt64) async throws {
        try await withPrograms { scene in
            var random = RandomRules(seed: seed, organizations: [scene.city, scene.east, scene.west])
            let members = try await random.people(60, in: scene)
            let found = try await CandidateStore(scene.database).find(members)
            var held = 0
            for number in 0..<60 {
                let condition = random.condition()
                var wanted: Set<ID<Member>> = []
                for one in found.compactMap(\.self) where condition.holds(of: one.candidate) { wanted.insert(one.memberID) }
                let rows = try await scene.database.query("select member_id from member where \(fragment: condition.sql)")
                let byKeys = Set(try rows.map { try $0.decode(0, as: ID<Member>.self) })
                #expect(byKeys == wanted, "seed \(seed), condition \(number): \(condition)")
                let never = try await scene.database.query(
                    "select count(*) from member where (\(fragment: condition.sql)) is null")[0].decode(0, as: Int.self)
                #expect(never == 0, "seed \(seed): neither true nor false: \(condition)")
                held += wanted.count
            }
            #expect(held > 0)
        }
    }

    @Test(arguments: SeededGenerator.seeds(4))
    func `a preview counts whom the rules rank`(seed: UInt64) async throws {
        try await withPrograms { scene in
            var random = RandomRules(seed: seed, organizations: [scene.city, scene.east, scene.west])
            let members = try await random.people(80, in: scene)
            let found = try await CandidateStore(scene.database).find(members).compactMap(\.self)
            for _ in 0..<20 {
                let rules = random.rules()
                let scope = random.generator.chance(50) ? Scope.everything : Scope(subtrees: [scene.east])
                let preview = try await PreviewStore(scene.database).preview(rules, within: scope)
                let asked = found.filter { one in
                    rules.statuses.contains(one.candidate.status)
                        && (scope == .everything || one.candidate.organizations.contains(scene.east))
                }
                let ranked = asked.map { (candidate: $0.candidate, rank: rules.rank($0.candidate)) }
                #expect(preview.members == asked.count, "seed \(seed)")
                let eligible = ranked.filter { $0.rank.failing.isEmpty }
                #expect(preview.eligible == eligible.count, "seed \(seed)")
                for (index, step) in preview.steps.enumerated() {
                    #expect(step.alone == ranked.count { !$0.rank.failing.contains(index) }, "seed \(seed)")
                    #expect(step.left == ranked.count { $0.rank.failing.allSatisfy { $0 > index } }, "seed \(seed)")
                }
                for (index, count) in preview.classes.enumerated() {
                    #expect(count == eligible.count { Int($0.rank.priority) == index + 1 }, "seed \(seed)")
                }
                for (index, count) in preview.groups.enumerated() {
                    #expect(count == eligible.count { $0.rank.groups >> UInt8(index) & 1 == 1 }, "seed \(seed)")
                }
            }
        }
    }

    @Test func `years are counted as PostgreSQL counts them, leap days and all`() async throws {
        try await withDatabase { database in
            let days = ["2024-02-28", "2024-02-29", "2024-03-01", "2026-02-28", "2026-03-01", "2026-12-31"].compactMap {
                CalendarDate(text: $0)
            }
            let births = ["2006-02-28", "2006-03-01", "2004-02-29", "2008-02-29", "2008-02-28", "2000-02-29", "2008-12-31"].compactMap {
                CalendarDate(text: $0)
            }
            for day in days {
                for birth in births {
                    let years: Int = try await database.query("select extract(year from age(\(day), \(birth)))::bigint")[0].decode(0)
                    let candidate = Candidate(birthOn: birth, sex: .female, memberSince: birth)
                    #expect(candidate.age(on: day) == years, "\(birth) on \(day)")
                    for limit in 15...27 {
                        #expect(
                            Condition.age(atLeast: limit, atMost: nil, on: day).holds(of: candidate) == (years >= limit),
                            "\(birth) on \(day)")
                        #expect(
                            Condition.age(atLeast: nil, atMost: limit, on: day).holds(of: candidate) == (years <= limit),
                            "\(birth) on \(day)")
                    }
                }
            }
        }
    }

    @Test func `what a benefit was given to under a number that was merged is the person's`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(2)
            _ = try await scene.database.query(
                """
                insert into benefit (member_id, family, period, state, held_at, changed_at)
                values (\(members[1]), 'checkup', '2026', 'used', now(), now())
                """)
            let condition = Condition.benefit(family: "checkup", period: "2026")
            let store = CandidateStore(scene.database)
            #expect(try await store.find(members).map { $0.map { condition.holds(of: $0.candidate) } } == [false, true])
            _ = try await scene.database.query(
                "update member set merged_into = \(members[0]), status = 'left' where member_id = \(members[1])")
            #expect(try await store.find(members)[0].map { condition.holds(of: $0.candidate) } == true)
        }
    }
}
