import Allocation
import Crypto
import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Programs
@testable import Registry

/// Rules as they are written: strictly read, all faults at once, the same bytes everywhere.
@Suite struct RulesTests {
    private static let whole = #"""
        {
            "eligibility": [
                {"attribute": {"name": "worker_kind", "in": ["courier", "food_rider"], "evidence": "certified"}},
                {"attribute": {"name": "union_member_since", "to": "2025-12-31"}},
                {"organization": [1, 2]}, {"age": {"atLeast": 18, "atMost": 60, "on": "2026-12-31"}}, {"sex": ["female"]},
                {"memberSince": "2026-01-01"}, {"not": {"benefit": {"family": "checkup", "period": "2026"}}},
                {"any": [{"attribute": {"name": "hardship_household", "in": ["true"]}}, {"all": [{"sex": ["male", "female"]}]}]}
            ],
            "classes": [{"name": "一线", "conditions": [{"attribute": {"name": "hardship_post", "in": ["true"]}}]}],
            "points": [{"points": 5, "conditions": [{"sex": ["female"]}]}],
            "groups": [{"name": "gig", "conditions": [{"attribute": {"name": "employment_form", "in": ["platform"]}}]}],
            "floors": [{"group": "gig", "size": 5000, "kind": "fair"}],
            "isFloorOrderGiven": true, "mode": "order", "organizationCap": 40, "guarantee": "minimum", "admitsProvisional": true
        }
        """#

    private func read(_ text: String) throws -> ProgramRules { try JSON.decode(ProgramRules.self, from: Array(text.utf8)) }

    /// The faults as `pointer code`.
    private func faults(_ text: String) throws -> Set<String> {
        do {
            _ = try read(text)
            return []
        } catch let problem as Problem {
            #expect(problem.type == RulesProblem.invalid)
            return Set(problem.violations.map { "\($0.pointer ?? "-") \($0.code)" })
        }
    }

    @Test func `rules go through JSON and jsonb and keep their bytes`() async throws {
        let rules = try read(Self.whole)
        #expect(rules.eligibility.count == 8 && rules.floors.first?.kind == "fair" && rules.organizationCap == 40)
        let bytes = try rules.canonicalBytes()
        #expect(try JSON.decode(ProgramRules.self, from: bytes) == rules)
        try await withDatabase { database in
            let text: String = try await database.query("select (\(String(decoding: bytes, as: UTF8.self))::jsonb)::text")[0].decode(0)
            #expect(text.utf8.elementsEqual(bytes) == false)
            #expect(try read(text).canonicalBytes() == bytes)
        }
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `whatever rules there are, reading their bytes gives them back`(seed: UInt64) throws {
        var random = RandomRules(seed: seed, organizations: [ID(1), ID(2)])
        let rules = random.rules()
        let bytes = try rules.canonicalBytes()
        #expect(try JSON.decode(ProgramRules.self, from: bytes) == rules, "seed \(seed)")
        #expect(try JSON.decode(ProgramRules.self, from: bytes).canonicalBytes() == bytes, "seed \(seed)")
    }

    @Test func `a change of any word changes the canonical bytes`() throws {
        let rules = try read(Self.whole)
        let bytes = try rules.canonicalBytes()
        for (old, new) in [
            ("certified", "verified"), ("18", "19"), ("2026-12-31", "2026-12-30"), ("5000", "5001"), ("fair", "strict"),
            ("true}", "false}"),
            ("gig", "gag"), ("\"points\": 5", "\"points\": 6"),
        ] {
            let changed = try read(Self.whole.split(separator: old, omittingEmptySubsequences: false).joined(separator: new))
            #expect(try changed.canonicalBytes() != bytes || old == "true}", "\(old)")
        }
    }

    @Test func `everything that is wrong is named with its place`() throws {
        let found = try faults(
            #"""
            {
                "eligibility": [
                    {"shoe": 44}, {"sex": ["female"], "age": {}}, {"sex": ["woman"]}, {"sex": []}, 7,
                    {"attribute": {"name": "shoe_size", "in": ["44"]}}, {"attribute": {"name": "worker_kind", "in": ["courier", "baker"]}},
                    {"attribute": {"name": "worker_kind", "in": ["courier"], "evidence": "sworn", "also": 1}},
                    {"attribute": {"name": "working_since", "in": ["2020-01-01"]}},
                    {"attribute": {"name": "education", "from": "2020-01-01"}},
                    {"age": {"atLeast": 70, "atMost": 20, "on": "2026-02-30"}}, {"age": {"atLeast": 151, "on": "2026-01-01"}},
                    {"age": {"on": "2026-01-01"}}, {"memberSince": "yesterday"}, {"benefit": {"family": "Check up", "period": "2026"}},
                    {"organization": ["x"]}, {"organization": [0]},
                    {"not": {"not": {"not": {"not": {"not": {"sex": ["female"]}}}}}}
                ],
                "colour": "red", "mode": "chance", "guarantee": "additional",
                "classes": [{"name": "a"}, {"name": "b", "conditions": {}}], "floors": [{"group": "g", "size": "many"}]
            }
            """#)
        #expect(
            found == [
                "/eligibility/0/shoe program.condition_unknown", "/eligibility/1 program.condition_not_one",
                "/eligibility/2/sex request.not_an_option", "/eligibility/3/sex request.wrong_length", "/eligibility/4 request.wrong_type",
                "/eligibility/5/attribute/name program.attribute_unknown",
                "/eligibility/6/attribute/in/1 program.attribute_value_unknown",
                "/eligibility/7/attribute/evidence program.evidence_unknown", "/eligibility/7/attribute/also request.unknown_field",
                "/eligibility/8/attribute/in program.attribute_is_a_day", "/eligibility/8/attribute/from request.missing_field",
                "/eligibility/9/attribute/from program.attribute_is_no_day", "/eligibility/9/attribute/in request.missing_field",
                "/eligibility/10/age/atMost program.ages_reversed", "/eligibility/10/age/on program.day_invalid",
                "/eligibility/11/age/atLeast request.out_of_range", "/eligibility/12/age/atLeast request.missing_field",
                "/eligibility/13/memberSince program.day_invalid", "/eligibility/14/benefit/family program.family_invalid",
                "/eligibility/15/organization/0 request.wrong_type", "/eligibility/16/organization request.out_of_range",
                "/eligibility/17/not/not/not/not/not program.conditions_too_deep", "/colour request.unknown_field",
                "/mode request.not_an_option", "/guarantee program.guarantee_unknown", "/classes/0/conditions request.missing_field",
                "/classes/1/conditions request.wrong_type", "/floors/0/size request.wrong_type",
            ])
        #expect(try faults("[]") == [" request.wrong_type"])
    }

    @Test func `rules of more conditions than anybody reads are refused`() throws {
        let many = Array(repeating: #"{"sex":["female"]}"#, count: 33).joined(separator: ",")
        #expect(try faults(#"{"eligibility":[\#(many)]}"#) == ["/eligibility request.wrong_length"])
        let any = #"{"any":[\#(Array(repeating: #"{"sex":["female"]}"#, count: 100).joined(separator: ","))]}"#
        let all = Array(repeating: any, count: 6).joined(separator: ",")
        #expect(try faults(#"{"eligibility":[\#(all)]}"#) == [" program.conditions_too_many"])
    }

    @Test func `what does not fit together is named: names, floors, quota, mode`() throws {
        func part(_ name: String) -> ProgramRules.Part { .init(name: name, conditions: [.sex([.female])]) }
        var rules = ProgramRules(
            classes: [part("a,b"), part(""), part("x\u{85}y"), part("same"), part("same")],
            points: [.init(points: 0, conditions: [.sex([.male])])],
            groups: [part("gig"), part("a|b")],
            floors: [.init(group: "gig", size: 6), .init(group: "gig", size: 5), .init(group: "none", size: 0)], mode: .local,
            organizationCap: 0)
        #expect(
            Set(rules.faults(quota: 10, seats: 12).map { "\($0.pointer ?? "") \($0.code)" }) == [
                "/rules/classes/0/name program.name_invalid", "/rules/classes/1/name program.name_invalid",
                "/rules/classes/2/name program.name_invalid", "/rules/classes/4/name program.name_twice",
                "/rules/points/0/points program.points_invalid", "/rules/groups/1/name program.name_invalid",
                "/rules/floors/1/group program.floor_twice", "/rules/floors/2/group program.floor_group_unknown",
                "/rules/floors/2/size program.floor_size_invalid", "/rules/floors program.floors_above_quota",
                "/rules/organizationCap program.cap_invalid", "/rules/organizationCap program.caps_need_order",
                "/rules/mode program.quota_below_seats",
            ])
        rules = ProgramRules(groups: [part("gig")], floors: [.init(group: "gig", size: 10)])
        #expect(rules.faults(quota: 10, seats: 10).isEmpty)
    }

    @Test func `a draft with rules that are wrong is refused with every place, and nothing is made`() async throws {
        try await withPrograms { scene in
            let now = scene.at(hours: 0)
            let rules = #"{"eligibility":[{"shoe":44}],"floors":[{"group":"gig","size":11}]}"#
            let answer = await now.send(
                .post, "/v1/programs", #"{"organizationId":\#(scene.city),"title":"x","quota":10,"rules":\#(rules)}"#)
            #expect(answer.status == 422 && answer.problemCode == "program.rules_invalid")
            #expect(answer.problem?.reasons.first?.pointer == "/rules/eligibility/0/shoe")
            let floors = #"{"eligibility":[],"floors":[{"group":"gig","size":11}]}"#
            let second = await now.send(
                .post, "/v1/programs", #"{"organizationId":\#(scene.city),"title":"x","quota":10,"rules":\#(floors)}"#)
            #expect(second.reasonCodes.sorted() == ["program.floor_group_unknown", "program.floors_above_quota"])
            let empty = await now.send(.post, "/v1/programs", #"{"organizationId":\#(scene.city),"title":"x","quota":10,"rules":{}}"#)
            #expect(empty.reasonCodes == ["request.missing_field"] && empty.problem?.reasons.first?.pointer == "/rules/eligibility")
            let made: Int = try await scene.value("select count(*) from program")
            #expect(made == 0)
        }
    }
}
