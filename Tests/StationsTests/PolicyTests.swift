import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// Policies: what each of their rules does at a door, how they are tried, warned of and kept.
@Suite struct PolicyTests {
    @Test func `a mothers' room lets women in, a policy's organizations their subtree, and exits ask for neither`() async throws {
        try await withDatabase { database in
            let house = try await PolicyHouse(database)
            let scene = house.scene
            let below = try await scene.organization(below: house.north, name: "north-west")
            for (member, organization, sex) in [(0, below, Sex.female), (1, below, .male), (2, scene.organization, .female)] {
                try await scene.set(AdmitModel.Person(organization: organization, sex: sex), of: scene.members[member])
            }
            try await scene.set(AccessPolicy(attributes: [AttributeRule(.sex, oneOf: ["female"])]), at: scene.front)
            #expect(try await house.reasons(0) == [])
            #expect(try await house.reasons(1) == [.attributeNotAdmitted])
            try await scene.set(AccessPolicy(organizationIds: [house.north]), at: scene.front)
            #expect(try await house.reasons(1) == [])
            #expect(try await house.reasons(2) == [.organizationNotAdmitted])
            for member in 0..<3 { #expect(try await house.reasons(member, .outward) == []) }
        }
    }

    @Test func `provisional members come in where the policy admits them`() async throws {
        try await withDatabase { database in
            let house = try await PolicyHouse(database)
            try await house.scene.set(.provisional, of: house.scene.members[0])
            #expect(try await house.reasons(0) == [])
            try await house.scene.set(AccessPolicy(admitsProvisional: false), at: house.scene.front)
            #expect(try await house.reasons(0) == [.memberNotActive])
        }
    }

    @Test func `between entries lie minutes, exit or not; hard anti-passback waits for the exit or its hours, soft only notes`()
        async throws
    {
        try await withDatabase { database in
            let house = try await PolicyHouse(database)
            let scene = house.scene
            try await scene.set(AccessPolicy(entryIntervalMinutes: 10), at: scene.front)
            #expect(try await house.reasons(0) == [])
            #expect(try await house.reasons(0, .outward) == [])
            #expect(try await house.reasons(0) == [.intervalTooShort])
            try await scene.set(AccessPolicy(antiPassback: .hard, resetHours: 2), at: scene.front)
            #expect(try await house.reasons(0) == [])
            #expect(try await house.reasons(0) == [.antiPassback])
            let late = try await scene.access.admit(
                batch: [scene.scan(scene.code(scene.members[0], ageSeconds: -7_300), at: scene.front)],
                clockOffsetMicroseconds: 7_300_000_000)
            #expect(!late[0].reasons.contains(.antiPassback))
            #expect(try await house.reasons(0, .outward) == [])
            #expect(try await house.reasons(0) == [])
            try await scene.set(AccessPolicy(antiPassback: .soft, resetHours: 2), at: scene.front)
            #expect(try await house.reasons(0) == [])
            let newest = try await scene.access.events(of: scene.front.station, before: nil, limit: 1)
            #expect(newest.first?.softReasons == ["door.anti_passback"])
            #expect(newest.first?.open == true)
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `every version of a policy is kept, with who gave it`() async throws {
        try await withDatabase { database in
            let house = try await PolicyHouse(database)
            let path = "/v1/access-points/\(house.scene.front.accessPoint)/policy"
            let body = #"{"isOpen": true, "directions": "in", "reentryMinutes": 0, "relayMilliseconds": 500, "exitAfterHours": 9}"#
            let changed = try await house.send(.put, path, body, ifMatch: "\"1\"").json(AccessPoint.self)
            #expect(changed.policy == AccessPolicy(directions: .inward, relayMilliseconds: 500, exitAfterHours: 9))
            #expect(changed.warnings == [])
            #expect(try await house.send(.put, path, body, ifMatch: "\"1\"").problemCode == "access.policy_changed")
            let rows = try await database.query(
                """
                select version, changed_by, policy->>'exitAfterHours' from access_policy_version
                where access_point_id = \(house.scene.front.accessPoint) order by version
                """)
            #expect(try rows.map { try $0.decode(0, as: Int32.self) } == [1, 2])
            #expect(try rows.map { try $0.decode(1, as: String.self) } == ["system", "account:1"])
            #expect(try rows.map { try $0.decode(2, as: String.self) } == ["24", "9"])
            let unknown = try await house.send(.put, path, String(PolicyHouse.policy.dropLast()) + #", "organizationIds": [1, 999999]}"#)
            #expect(unknown.reasonCodes == ["station.organization_unknown"])
        }
    }

    @Test func `a policy by which nobody could enter is set only when it is confirmed`() async throws {
        try await withDatabase { database in
            let house = try await PolicyHouse(database)
            let scene = house.scene
            for member in 0..<3 { #expect(try await house.reasons(member) == []) }
            let path = "/v1/access-points/\(scene.front.accessPoint)/policy"
            func policy(_ more: String) -> String { String(PolicyHouse.policy.dropLast()) + ", " + more + "}" }
            for (more, code) in [
                (#""hours": []"#, "policy.no_hour_open"), (#""organizationIds": [\#(house.north)]"#, "policy.organizations_empty"),
                (#""attributes": [{"attribute": "sex", "oneOf": ["female"]}]"#, "policy.attributes_of_nobody"),
            ] {
                let refused = try await house.send(.put, path, policy(more))
                #expect(refused.status == 409)
                #expect(refused.problemCode == "access.policy_locks_everyone_out")
                #expect(refused.reasonCodes == [code])
                #expect(refused.text.contains("all 3 members") || refused.text.contains("3 名会员"), "with numbers")
                #expect(try await house.reasons(0) == [], "nothing was switched on")
                let confirmed = try await house.send(.put, path + "?confirm=true", policy(more))
                #expect(confirmed.status == 200)
                #expect(try confirmed.json(AccessPoint.self).warnings?.map(\.code) == [code])
                #expect(try confirmed.json(AccessPoint.self).warnings?.map(\.members) == [3])
                #expect(try await !house.reasons(0).isEmpty)
                #expect(try await house.send(.put, path, PolicyHouse.policy).status == 200)
            }
            try await scene.set(AdmitModel.Person(organization: scene.organization, sex: .female), of: scene.members[0])
            try await scene.set(AdmitModel.Person(organization: house.north), of: scene.members[1])
            let both = try await house.send(
                .put, path,
                policy(#""organizationIds": [\#(house.north)], "attributes": [{"attribute": "sex", "oneOf": ["female"]}]"#))
            #expect(both.reasonCodes == ["policy.qualifies_nobody"])
            let women = try await house.send(.put, path, policy(#""attributes": [{"attribute": "sex", "oneOf": ["female"]}]"#))
            #expect(try women.json(AccessPoint.self).warnings?.map(\.code) == ["policy.refuses_visitors"])
            #expect(try women.json(AccessPoint.self).warnings?.map(\.members) == [2])
            var shut = AccessPolicy.standard
            shut.isOpen = false
            let closed = try await house.send(.put, path, jsonText(shut))
            #expect(closed.status == 200, "it says itself that it is closed")
            #expect(try closed.json(AccessPoint.self).warnings?.map(\.code) == ["policy.no_entries"])
        }
    }

    @Test func `a trial tells who would have been refused and who let in, and switches nothing on`() async throws {
        try await withDatabase { database in
            let house = try await PolicyHouse(database)
            let scene = house.scene
            try await scene.set(AdmitModel.Person(organization: house.north, sex: .female, workerKind: .housekeeper), of: scene.members[1])
            for member in 0..<4 { #expect(try await house.reasons(member) == []) }
            #expect(try await house.reasons(0) == [], "in again, without an exit")
            try await scene.set(AccessPolicy(isOpen: false), at: scene.front)
            #expect(try await house.reasons(1) == [.accessPointClosed])
            #expect(try await scene.admit(scene.scan("no code", at: scene.front)).reasons == [.codeMalformed, .accessPointClosed])
            let body = """
                {"policy": {"isOpen": true, "directions": "both", "reentryMinutes": 30, "relayMilliseconds": 500, \
                "attributes": [{"attribute": "workerKind", "oneOf": ["courier"]}]}, "capacity": 3}
                """
            let response = try await house.send(
                .post, "/v1/access-points/\(scene.front.accessPoint)/policy-trials", body, bearer: PolicyHouse.auditor)
            let trial = try response.json(AccessPolicyTrial.self)
            #expect(trial.scans == 7 && trial.members == 4 && trial.admittedScans == 5 && trial.admittedMembers == 4)
            #expect(trial.newlyRefused.scans == 3 && trial.newlyRefused.members == 3)
            #expect(
                Set(trial.newlyRefused.byReason) == [
                    .init(reason: "door.attribute_not_admitted", scans: 1, members: 1), .init(reason: "door.full", scans: 1, members: 1),
                    .init(reason: "door.reentry_too_soon", scans: 1, members: 1),
                ])
            #expect(
                Set(trial.newlyRefused.byWorkerKind) == [
                    .init(workerKind: "courier", scans: 2, members: 2), .init(workerKind: "housekeeper", scans: 1, members: 1),
                ])
            #expect(trial.newlyRefused.requestIds.count == 3)
            #expect(trial.newlyAdmitted.scans == 0, "the housekeeper stays out, and so does what is no code")
            #expect(trial.warnings.map(\.code) == ["policy.refuses_visitors"])
            let open = try await house.send(
                .post, "/v1/access-points/\(scene.front.accessPoint)/policy-trials", #"{"policy": \#(PolicyHouse.policy), "days": 1}"#
            ).json(AccessPolicyTrial.self)
            #expect(open.newlyAdmitted.byReason == [.init(reason: "door.access_point_closed", scans: 1, members: 1)])
            #expect(open.newlyRefused.scans == 0 && open.warnings.isEmpty)
            #expect(try await house.reasons(2).contains(.accessPointClosed))
        }
    }

    @Test(arguments: 0..<3) func `a trial of the very policy that decided changes nothing, and of a closed one everything`(_ run: Int)
        async throws
    {
        let seed = SeededGenerator.seeds(1)[0]
        try await withDatabase { database in
            var random = SeededGenerator(seed: seed)
            var world = try await AdmitTrial(database, seed: seed, &random)
            for _ in 0..<20 { try await world.changePolicy(&random) }
            for _ in 0..<25 { try await world.scan(&random) }
            let policies = AccessPolicyStore(database, clock: Clock(offsetMicroseconds: world.offset))
            for door in world.doors {
                var policy = try #require(world.model.policies[door.accessPoint])
                let same = try await policies.trial(AccessPolicyTrialDraft(policy: policy), at: door.accessPoint)
                #expect(same.newlyRefused == .init() && same.newlyAdmitted == .init(), "seed \(seed)")
                #expect(same.scans > 0, "seed \(seed)")
                policy.isOpen = false
                let closed = try await policies.trial(AccessPolicyTrialDraft(policy: policy), at: door.accessPoint)
                #expect(closed.newlyRefused.scans == same.admittedScans && closed.newlyAdmitted == .init(), "seed \(seed)")
            }
        }
    }

    @Test func `a trial's policy is made once, not for each entry and rule`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let statement = AccessPolicyStore.statement(.standard, at: scene.front.accessPoint, days: 7, capacity: nil, offset: 0)
            let plan = try await database.query("explain (verbose) \(fragment: statement)").map { try $0.decode(0, as: String.self) }
            #expect(plan.contains { $0.contains("Function Scan on public.stations_policy_trial") }, "\(plan)")
        }
    }
}
