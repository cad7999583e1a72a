import Crypto
import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

/// What is done for every request, and every second, goes by keys: with sequential scans made dear none is left, and none reads more rows
/// than it was asked about.
@Suite struct RegistryPlanTests {
    /// Tables of one row, which is read as it is.
    private static let ofOneRow: Set = ["webhook_feed", "member_comparison", "audit_chain", "organization_tree"]

    /// A register of some thousands.
    private func crowded(_ database: Database, members: Int = 3_000) async throws -> RegistryScene {
        let scene = try await RegistryScene(database)
        _ = try await scene.bringIn(Array(DemoRegister(seed: 2, count: members).joined()))
        _ = try await database.query("analyze")
        return scene
    }

    private func person(_ row: Int, phone: String? = "13812345678", seed: UInt64 = 2) throws -> PersonalData {
        PersonalData(
            name: try PersonName("张三"), nationalID: DemoRegister.nationalID(seed: seed, row: row),
            phone: try phone.map { text throws(MemberFault) in try PhoneNumber(text) })
    }

    private func request(_ person: PersonalData, _ code: String, key: String? = nil) throws -> JoinRequest {
        JoinRequest(
            code: try #require(JoinCode(code)), person: person, workerKind: .courier, employmentForm: .platform, consents: [.registry],
            secretDigest: SecureRandom.bytes(32), requestDigest: key.map { SHA256.hash(Array($0.utf8)) },
            fingerprint: key.map { SHA256.hash(Array($0.utf8)) })
    }

    // MARK: Joining

    @Test func `joining reads every table by its keys, whoever comes`() async throws {
        try await withDatabase { database in
            let scene = try await crowded(database)
            let codes = [
                try await scene.joinCode(of: scene.organization.id),
                try await scene.joinCode(of: try await scene.grow(.street, "城关"), rule: .automatic),
            ]
            let repeated = try request(try person(1, seed: 9), codes[0], key: "k")
            _ = try await scene.registry.joining.joins.join(batch: [repeated])
            // Newcomers, people who are known, unknown codes, a repeat.
            var requests = [repeated]
            for row in 0..<16 { requests.append(try request(try person(100 + row, seed: 9), codes[row % 2], key: "n\(row)")) }
            for row in 0..<8 { requests.append(try request(try person(row), codes[row % 2])) }
            for row in 0..<4 { requests.append(try request(try person(200 + row, seed: 9), "22222222")) }
            let statement = try joinStatement(scene, requests)
            let reads = try await tableReads(database) { (transaction) async throws(PostgresError) in
                let outcomes = try await transaction.query(statement)
                #expect(outcomes.count == requests.count)
            }
            #expect(reads.whole.isEmpty)
            #expect(
                Set(["organization", "organization_join_code", "national_id_directory", "member_application"])
                    .isSubset(of: reads.byKey.keys))
            for (table, rows) in reads.byKey { #expect(rows <= requests.count * 4, "\(rows) rows of \(table)") }
        }
    }

    @Test func `a join planned while the tables were empty still goes by keys when they have grown`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let code = try await scene.joinCode(of: scene.organization.id)
            func batch(_ rows: Range<Int>) throws -> SQL {
                try joinStatement(scene, try rows.map { try request(try person($0, seed: 9), code, key: "n\($0)") })
            }
            let (first, second) = (try batch(0..<32), try batch(24..<56))
            // On one connection, which keeps its plans.
            let reads = try await database.transaction { (transaction) async throws(PostgresError) -> [String: Int] in
                _ = try await transaction.query("analyze member_application, national_id_directory, member, organization_join_code")
                _ = try await transaction.query(first)
                _ = try await transaction.query(
                    """
                    insert into national_id_directory (national_id_index, member_id)
                    select sha256(n::text::bytea), -n from generate_series(1, 5000) n
                    """)
                _ = try await transaction.query(
                    """
                    insert into member_application (
                        organization_id, member_id, source, state, consents, request_digest, fingerprint, submitted_at, decided_by,
                        decided_at)
                    select organization_id, member_id, 'filing', 'approved', '{}', sha256(n::text::bytea), sha256(''), now(), 'test', now()
                    from generate_series(1, 5000) n
                    cross join (select organization_id, member_id from member order by member_id limit 1) someone
                    """)
                let before = try await Self.fetched(transaction)
                _ = try await transaction.query(second)
                return try await Self.fetched(transaction).merging(before) { $0 - $1 }
            }
            for table in ["national_id_directory", "member_application"] { #expect(reads[table] ?? 0 <= 32 * 4, "\(reads)") }
        }
    }

    private func joinStatement(_ scene: RegistryScene, _ requests: [JoinRequest]) throws -> SQL {
        try JoinStore.statement(
            requests, requests.indices.map { 1_000_000 + Int64.random(in: 0..<1_000_000) * 1_000 + Int64($0) },
            scene.registry.members.vault, 0)
    }

    /// Rows read so far in this transaction, by table, whatever the way.
    private static func fetched(_ querying: any Querying) async throws(PostgresError) -> [String: Int] {
        var fetched: [String: Int] = [:]
        for row in try await querying.query(
            "select relname::text, seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables")
        {
            fetched[try row.decode(0)] = try row.decode(1)
        }
        return fetched
    }

    @Test func `an import looks its rows up, and writes them, by keys`() async throws {
        try await withDatabase { database in
            let scene = try await crowded(database)
            let members = scene.registry.members
            let street = try await scene.grow(.street, "城关")
            let entries = try (0..<40).map { row in
                MemberEntry(
                    draft: MemberDraft(
                        person: try person(row < 20 ? row : 5_000 + row), organizationID: row % 2 == 0 ? street : scene.organization.id,
                        workerKind: .courier, employmentForm: nil, hardshipPost: nil, employerCheckup: nil),
                    vault: members.vault)
            }
            var answers: [MemberLookUp] = []
            let lookedUp = try await tableReads(database) { (transaction) async throws(PostgresError) in
                answers = try await members.lookUp(entries, drawsIDs: true, in: transaction)
            }
            #expect(lookedUp.whole.isEmpty && answers.count == 40)
            for (table, rows) in lookedUp.byKey { #expect(rows <= 40 * 2, "\(rows) rows of \(table)") }
            let batch = try MemberStore.seal(entries, answers, members.vault).batch
            var outcomes: [MemberApplyOutcome] = []
            let applied = try await tableReads(database) { (transaction) async throws(PostgresError) in
                outcomes = try await members.apply(batch, in: transaction)
            }
            #expect(outcomes.count { $0 == .inserted } == 20 && outcomes.count { $0 == .updated } == 20)
            #expect(applied.whole.isEmpty)
            for (table, rows) in applied.byKey { #expect(rows <= 40 * 6, "\(rows) rows of \(table)") }
        }
    }

    @Test func `claims and comparisons of members go by keys`() async throws {
        try await withDatabase { database in
            let scene = try await crowded(database)
            let ids = try await database.query("select member_id from member order by member_id desc limit 20").map {
                try $0.decode(0, as: ID<Member>.self)
            }
            let drafts = ids.map {
                AttributeClaimDraft(
                    memberID: $0, attribute: .workerKind, value: "courier", evidence: .certified,
                    evidencedOn: CalendarDate(daysSince1970: 20_000), source: nil)
            }
            for round in 0..<2 {
                let claimed = try await tableReads(database) { (transaction) async throws(PostgresError) in
                    _ = try await scene.registry.persons.attributes.claim(drafts, by: "test", in: transaction)
                }
                #expect(claimed.whole.isEmpty, "round \(round)")
            }
            let compared = try await tableReads(database) { (transaction) async throws(PostgresError) in
                _ = try await transaction.query("select member_duplicates_find(\(ids))")
            }
            #expect(compared.whole.isEmpty)
            #expect(compared.byKey["member_phone_index"] ?? 0 <= 20 * 14)
        }
    }

    // MARK: Who asks

    @Test func `knowing who asks, and counting what they try, goes by keys`() async throws {
        try await withDatabase { database in
            let scene = try await crowded(database)
            let registry = scene.registry
            let id = try await scene.enter("张三", RegistryScene.zhang, phone: "13812345678")
            let token = try await scene.session(of: id)
            let (_, key) = try await registry.devices.create(name: "door", profile: .door)
            for table in ["member_session", "account_token", "sign_in_code", "attempt_limit"] { try await fill(table, database, id) }
            _ = try await database.query("analyze")
            let (member, owner, device) = (
                try #require(BearerToken(token)).digest, try #require(BearerToken(scene.owner)).digest,
                try #require(BearerToken(key)).digest
            )
            let known = try await tableReads(database) { (transaction) async throws(PostgresError) in
                #expect(try await registry.memberSessions.principals(tokenDigests: [member], in: transaction).first??.memberID == id)
                #expect(try await registry.accounts.principal(tokenDigest: owner, in: transaction) != nil)
                #expect(try await registry.devices.principal(keyDigest: device, in: transaction) != nil)
            }
            #expect(known.whole.isEmpty)
            for (table, rows) in known.byKey { #expect(rows <= 4, "\(rows) rows of \(table)") }
            let limits = AttemptLimits(scene.keys)
            let attempts = AttemptStore(database: database, clock: Clock())
            let codes = SignInCodeStore(database: database, clock: Clock(), keys: scene.keys)
            let index = registry.members.vault.index(of: try PhoneNumber("13812345678"))
            let taken = try await tableReads(database, settings: []) { (transaction) async throws(PostgresError) in
                let asked = limits.attempts(limits.codesOfNumber, of: index) + limits.attempts(limits.codesOfAddress, of: [192, 0, 2, 1])
                _ = try await attempts.take(asked, in: transaction)
                try await attempts.giveBack(asked, in: transaction)
            }
            #expect(taken.whole.isEmpty, "as the planner wants it, without a word from us")
            let tried = try await tableReads(database, settings: []) { (transaction) async throws(PostgresError) in
                try await codes.request(phoneIndex: index, language: .zh, in: transaction)
                _ = try await codes.try(SignInCode.random(), phoneIndex: index, in: transaction)
                _ = try await codes.wanted(limit: 50, in: transaction)
            }
            #expect(tried.whole.isEmpty)
            #expect(tried.byKey["sign_in_code"] ?? 0 <= 50)
        }
    }

    private func fill(_ table: String, _ database: Database, _ member: ID<Member>) async throws {
        let statement: SQL =
            switch table {
            case "member_session":
                """
                insert into member_session (member_id, token_sha256, expires_at)
                select \(member), sha256(n::text::bytea), now() + interval '1 day' from generate_series(1, 5000) n
                """
            case "account_token":
                "insert into account_token (account_id, token_sha256) select 1, sha256(n::text::bytea) from generate_series(1, 5000) n"
            case "sign_in_code":
                """
                insert into sign_in_code (phone_index, language, requested_at, drawn_at, code_digest, expires_at)
                select sha256((n % 500)::text::bytea), 'zh', now(), now(), sha256(''), now() + interval '5 minutes'
                from generate_series(1, 5000) n
                """
            default:
                "insert into attempt_limit (kind, subject) select 'test', sha256(n::text::bytea) from generate_series(1, 5000) n"
            }
        _ = try await database.query(statement)
    }

    // MARK: Every second

    @Test func `what jobs do each second is read by keys, however much lies behind`() async throws {
        try await withDatabase { database in
            let scene = try await crowded(database)
            _ = try await database.query(
                """
                insert into webhook_endpoint (url, description, event_types, state, secret_sealed, created_by)
                select 'https://example.org', '', '{}', 'active', '\\x00', 'test' from generate_series(1, 20)
                """)
            _ = try await database.query(
                """
                insert into outbox_event (type, subject, data, enqueued_at)
                select 'member.joined', 'member:' || n, '{}', now() from generate_series(1, 5000) n
                """)
            _ = try await database.query(
                """
                insert into webhook_delivery (endpoint_id, event_id, subject, state, ended_at)
                select 1 + n % 20, n, 'member:' || n, 'delivered', now() from generate_series(1, 5000) n
                """)
            _ = try await database.query(
                """
                insert into audit_entry (actor, action, subject, details)
                select 'test', 'member.created', 'member:' || n, '{}' from generate_series(1, 5000) n
                """)
            while try await scene.count("audit_link") < scene.count("audit_entry") { _ = try await scene.registry.auditChains.seal(1) }
            try await transfers(database)
            _ = try await database.query("analyze")
            try await scene.registry.outbox.emit("member.joined", subject: "member:1", organization: nil, data: ["n": 1], in: database)

            let webhooks = try await tableReads(database) { (transaction) async throws(PostgresError) in
                _ = try await transaction.query("select webhooks_enqueue(1000)")
                _ = try await transaction.query("select * from webhooks_lease(100, 20, 60)")
            }
            #expect(webhooks.whole.subtracting(Self.ofOneRow).subtracting(["webhook_endpoint"]) == [])
            #expect(webhooks.byKey["outbox_event"] ?? 0 <= 10 && webhooks.byKey["webhook_delivery"] ?? 0 <= 200)
            _ = try await database.query(
                "insert into audit_entry (actor, action, subject, details) values ('test', 'member.created', 'member:1', '{}')")
            let sealed = try await tableReads(database) { (transaction) async throws(PostgresError) in
                _ = try await scene.registry.auditChains.seal(1, 5_000, in: transaction)
            }
            #expect(sealed.whole.subtracting(Self.ofOneRow).subtracting(["webhook_endpoint"]) == [])
            #expect(sealed.byKey["audit_link"] ?? 0 <= 10 && sealed.byKey["audit_entry"] ?? 0 <= 10, "\(sealed)")
            let due = try await tableReads(database) { (transaction) async throws(PostgresError) in
                _ = try await scene.registry.joining.transfers.due(limit: 100, in: transaction)
            }
            #expect(due.whole.isEmpty && due.byKey["member_transfer"] ?? 0 == 0, "\(due)")
        }
    }

    private func transfers(_ database: Database) async throws {
        _ = try await database.query(
            """
            insert into organization (kind, name, parent_id) select 'street', '西街', organization_id from organization limit 1
            """)
        _ = try await database.query(
            """
            insert into member_transfer (
                member_id, from_organization_id, to_organization_id, state, asked_by, asked_at, deadline_at, ended_at, ended_by, end_cause)
            select
                member_id, organization_id, (select max(organization_id) from organization), 'cancelled', 'test', now(),
                now() + interval '1 day', now(), 'test', 'asker_cancelled'
            from member
            """)
    }
}
