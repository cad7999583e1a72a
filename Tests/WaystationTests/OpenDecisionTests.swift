import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

/// What needs a decision today, of all features in one answer.
struct OpenDecisionTests {
    private static func kinds(_ service: TestService, _ bearer: String) async throws -> [String: OpenDecisionAnswer] {
        let answer = await service.client.send(.get, "/v1/desk/decisions", bearer: bearer)
        #expect(answer.status == 200 && answer.header("Cache-Control") == "no-store" && answer.undeclared == nil)
        let items = try answer.json(OpenDecisionList.self).items
        return Dictionary(uniqueKeysWithValues: items.map { ($0.kind, $0) })
    }

    /// West has one of nearly everything that waits, since the first of January; east has nothing.
    private static func fill(_ service: TestService) async throws -> (east: ID<Organization>, west: ID<Organization>) {
        let organizations = service.registry.organizations
        let city = try #require(try await organizations.ensure(.init(kind: .city, name: "德保"))).id
        let east = try #require(try await organizations.ensure(.init(parentID: city, kind: .district, name: "城东"))).id
        let west = try #require(try await organizations.ensure(.init(parentID: city, kind: .district, name: "城西"))).id
        let door = try await service.registry.devices.create(name: "door", profile: .door).device.id
        let since = "timestamptz '2026-01-01 00:00:00+00'"
        let statements: [SQL] = [
            "insert into station (organization_id, name_zh) values (\(west), '一号')",
            "insert into access_point (station_id, name, policy) values (1, '门', '{}')",
            "insert into device_access_point (device_id, access_point_id) values (\(door), 1)",
            "update device set organization_id = \(west)",
            """
            insert into device_heartbeat (
                access_point_id, device_id, received_at, occurred_at, software_version, journal_length, door_state, door_state_since)
            values (1, \(door), \(raw: since), \(raw: since), '1', 0, 'closed', \(raw: since))
            """,
            "insert into alarm (kind, station_id, access_point_id, raised_at, cause) values ('no_entry', 1, null, \(raw: since), '{}')",
            """
            insert into alarm (kind, station_id, access_point_id, raised_at, cause, acknowledged_at, acknowledged_by)
            values ('door_held', 1, 1, \(raw: since), '{}', now(), 'account:1')
            """,
            """
            insert into member (organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
            select \(west), 'provisional', 'courier', 'platform', 'male', '1990-01-01', false, false from generate_series(1, 2)
            """,
            """
            insert into member_application (organization_id, member_id, source, state, consents, submitted_at)
            values (\(west), 1, 'filing', 'pending', '{}', \(raw: since))
            """,
            """
            insert into member_transfer (member_id, from_organization_id, to_organization_id, asked_by, asked_at, deadline_at)
            values (2, \(west), \(east), 'member:2', \(raw: since), now())
            """,
            """
            insert into member_duplicate (member_id, other_member_id, same_phone, same_name_and_birth, found_at)
            values (1, 2, true, false, \(raw: since))
            """,
            """
            insert into member_import (requested_by, is_dry_run, scope_organization_ids, rows_read, rows_refused, started_at)
            values ('account:2', false, array[\(west)::bigint], 3, 3, now() - interval '6 days'),
                ('account:2', false, array[\(west)::bigint], 3, 3, now() - interval '8 days'),
                ('account:2', true, array[\(west)::bigint], 3, 3, now())
            """,
            """
            insert into program (
                organization_id, title, shares, state, rules, quota, lottery_secret_sealed, lottery_commitment, announcement, rules_hash,
                inputs_hash, opens_at, closes_at, announced_at, opened_at, closed_at, created_by)
            select \(west), '体检' || n, 'place', case when n = 1 then 'closed' else 'run' end, '{}', 10, '\\x00', '\\x00', 'x', sha256('x'),
                '\\x00', \(raw: since), \(raw: since) + interval '1 hour', \(raw: since), \(raw: since), \(raw: since), 'account:2'
            from generate_series(1, 3) n
            """,
            """
            insert into program_run (
                program_id, number, state, made_by, made_at, applicants, excluded, placed, waiting, figures, inputs_hash, microseconds)
            values (2, 1, 'made', 'account:1', \(raw: since), 0, 0, 0, 0, '{}', '\\x00', 1),
                (3, 1, 'replaced', 'account:2', \(raw: since), 0, 0, 0, 0, '{}', '\\x00', 1),
                (3, 2, 'made', 'account:2', \(raw: since), 0, 0, 0, 0, '{}', '\\x00', 1)
            """,
            """
            insert into queued_job (slot, kind, subject, key, state, due_at, failure, requested_by, started_at, finished_at)
            select 3, 'test', 'program:1', n::text, 'dead', now(), 'test', 'account:2', \(raw: since), \(raw: since)
            from generate_series(1, 1005) n
            """,
        ]
        for statement in statements { _ = try await service.database.query(statement) }
        return (east, west)
    }

    @Test func `everything that waits is counted by kind, with since when, and no more than a thousand`() async throws {
        try await withService { service in
            #expect(try await Self.kinds(service, service.owner).isEmpty)
            _ = try await Self.fill(service)
            let found = try await Self.kinds(service, service.owner)
            let expected: Set = [
                "alarms", "silent_devices", "applications", "transfers", "duplicates", "imports_with_rejections", "programs_to_run",
                "program_runs", "dead_jobs",
            ]
            #expect(Set(found.keys) == expected)
            for kind in expected.subtracting(["dead_jobs"]) { #expect(found[kind]?.count == 1 && found[kind]?.more == nil, "\(kind)") }
            #expect(found["dead_jobs"]?.count == 1_000 && found["dead_jobs"]?.more == true)
            for kind in expected.subtracting(["imports_with_rejections"]) {
                #expect(found[kind]?.oldestAt.hasPrefix("2026-01-01T00:00:00") == true, "\(kind)")
            }
            for (kind, found) in found {
                guard let path = found.path else { continue }
                #expect(await service.client.send(.get, path, bearer: service.owner).status == 200, "\(kind)")
            }
        }
    }

    @Test func `each is told of what they may decide, within their organizations, made by others`() async throws {
        try await withService { service in
            let (east, west) = try await Self.fill(service)
            let manager = try await RoleTests.account(service, "西经理", .manager, in: west)
            let its = try await Self.kinds(service, manager)
            #expect(its["program_runs"]?.count == 1, "of two runs one is its own: \(its.keys)")
            #expect(its["alarms"] != nil && its["applications"] != nil && its["imports_with_rejections"] != nil)
            #expect(its["dead_jobs"]?.count == 1_000, "it asked for them itself")
            let worker = Set(try await Self.kinds(service, try await RoleTests.account(service, "西职员", .operator, in: west)).keys)
            #expect(worker == ["alarms", "applications", "transfers", "duplicates", "imports_with_rejections"])
            let other = Set(try await Self.kinds(service, try await RoleTests.account(service, "东经理", .manager, in: east)).keys)
            #expect(other == ["transfers"], "the receiving side has not agreed either")
            #expect(try await Self.kinds(service, try await RoleTests.account(service, "审计", .auditor, in: west)).isEmpty)

            _ = try await service.database.query("update member_transfer set receiving_by = 'account:9', receiving_at = now()")
            let agreed = try await Self.kinds(service, try await RoleTests.account(service, "东经理二", .manager, in: east))
            #expect(agreed.isEmpty, "it waits for the other side")
        }
    }

    @Test func `however much was decided before, what waits is found by keys, in one statement`() async throws {
        try await withService { service in
            let (_, west) = try await Self.fill(service)
            _ = try await service.database.query(
                """
                with closed as (
                    insert into alarm (kind, station_id, raised_at, cause, cause_lasts, closed_at, closed_by)
                    select 'no_entry', 1, now(), '{}', false, now(), 'test' from generate_series(1, 5000)
                ),
                dismissed as (
                    insert into member_import (requested_by, is_dry_run, rows_read, rows_inserted, state, finished_at)
                    select 'account:2', false, 1, 1, 'finished', now() from generate_series(1, 5000)
                )
                insert into queued_job (slot, kind, subject, key, state, due_at, requested_by, started_at, finished_at)
                select 3, 'test', 'program:1', 'done' || n, 'done', now(), 'account:2', now(), now() from generate_series(1, 5000) n
                """)
            _ = try await service.database.query("analyze")
            let store = OpenDecisionStore(database: service.database)
            for scope in [Scope.everything, Scope(subtrees: [west])] {
                let caller = OpenDecision.Caller(scope: scope, subject: "account:1", clockOffsetMicroseconds: 0)
                let asked = service.registry.decisions.all.map { ($0, caller) }
                #expect(asked.count == 14)
                let reads = try await tableReads(service.database) { (transaction) async throws(PostgresError) in
                    _ = try await store.counts(asked, in: transaction)
                }
                for table in ["alarm", "queued_job", "member_import", "member_application", "member_duplicate", "member_transfer"] {
                    #expect(!reads.whole.contains(table), "\(reads.whole)")
                    #expect(reads.byKey[table] ?? 0 <= 1_010, "\(table): \(reads.byKey)")
                }
            }
        }
    }
}
