import HTTP
import Postgres
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Registry

/// Two who write the same person at the same moment.
@Suite struct MemberImportRaceTests {
    private static let id = "11010519491231002X"

    /// A batch that gives the person the phone, and moves them to the organization, made from what is known now.
    private func change(
        _ scene: RegistryScene, phone: String? = nil, to organization: ID<Organization>? = nil
    ) async throws -> MemberApplyBatch {
        let members = scene.registry.members
        let draft = MemberDraft(
            person: PersonalData(
                name: try PersonName("张三"), nationalID: try NationalID(Self.id),
                phone: try phone.map { text throws(MemberFault) in try PhoneNumber(text) }),
            organizationID: organization ?? scene.organization.id, workerKind: nil, employmentForm: nil, hardshipPost: nil,
            employerCheckup: nil)
        let entry = MemberEntry(draft: draft, vault: members.vault)
        let answers = try await members.lookUp([entry], drawsIDs: true, in: scene.database)
        return try MemberStore.seal([entry], answers, members.vault).batch
    }

    @Test func `of two phones given at once the one that stays is the only one in the index`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let members = scene.registry.members
            _ = try await scene.bringIn("姓名,身份证号,手机号\n张三,\(Self.id),13812345678\n")
            let first = try await change(scene, phone: "13812345671")
            let second = try await change(scene, phone: "13812345672")
            let waiting = try await database.transaction { transaction in
                _ = try await members.apply(first, in: transaction)
                let task = Task { try await database.transaction { try await members.apply(second, in: $0) } }
                let waits: SQL = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
                while try await database.query(waits).isEmpty { continue }
                return task
            }
            #expect(try await waiting.value == [.updated])
            let stale = try await database.query(
                """
                select 1 from member_phone_index entry
                where not exists (select from member_personal_data personal where personal.phone_index = entry.phone_index)
                """)
            #expect(stale.isEmpty)
            #expect(try await scene.count("member_phone_index") == 1)
            #expect(try await members.member(NationalID(Self.id))?.person?.phone?.text == "13812345672")
        }
    }

    @Test func `a file that moves somebody into an organization that has closed meanwhile moves nobody`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let west = try await scene.grow(.street, "西街")
            _ = try await scene.bringIn("姓名,身份证号\n张三,\(Self.id)\n")
            let lookedUp = try await change(scene, to: west)
            #expect(await scene.send(.post, "/v1/organizations/\(west)/close", #"{"reason":"并入"}"#).status == 200)
            let outcomes = try await database.transaction { try await scene.registry.members.apply(lookedUp, in: $0) }
            #expect(outcomes == [.raced])
            let member = try #require(try await scene.registry.members.member(NationalID(Self.id)))
            #expect(member.organizationID == scene.organization.id && member.version == 1)
            #expect(try await scene.count("membership") == 0)
        }
    }

    @Test func `rows for an organization that closes while their file comes in are refused, with the reason`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let west = try await scene.grow(.street, "西街")
            _ = try await scene.bringIn("姓名,身份证号\n张三,\(Self.id)\n")
            let file = "姓名,身份证号,组织\n张三,\(Self.id),西街\n李四,440524198001010013,西街\n王五,110101198503074532,德保\n"
            let pieces = Pieces(Array(file.utf8), size: 4_096)
            let done = try await scene.importer.run(
                next: {
                    // What the file's names mean is known by now.
                    let isFirst = await pieces.leftBytes == file.utf8.count
                    if isFirst {
                        let closed = await scene.send(.post, "/v1/organizations/\(west)/close", #"{"reason":"并入"}"#)
                        #expect(closed.status == 200)
                    }
                    return await pieces.next()
                }, options: MemberImportOptions(organizationID: nil, isDryRun: false, bytesTotal: nil), requestedBy: "test")
            #expect(done.tally == MemberImportTally(inserted: 1, updated: 0, unchanged: 0, refused: 2))
            #expect(
                try await scene.rejections(of: done) == [
                    "2 organization member.organization_unknown", "3 organization member.organization_unknown",
                ])
        }
    }

    @Test(arguments: SeededGenerator.seeds(3))
    func `a file and the closing of its organization at once: all its people are in, or it is closed`(seed: UInt64) async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let west = try await scene.grow(.street, "西街")
            let rows = (0..<60).map { "张三,\(DemoRegister.nationalID(seed: seed, row: $0).text)" }
            _ = try await scene.bringIn("姓名,身份证号\n" + rows.prefix(20).map { $0 + "\n" }.joined())
            async let filing = scene.bringIn("姓名,身份证号,组织\n" + rows.map { $0 + ",西街\n" }.joined())
            async let closing = scene.send(.post, "/v1/organizations/\(west)/close", #"{"reason":"并入"}"#)
            let (done, closed) = (try await filing, await closing)
            let inside = try await scene.value("select count(*) from member where organization_id = \(west)", as: Int.self)
            #expect(closed.status == 200 || closed.problemCode == "registry.organization_in_use", "\(closed.text)")
            #expect(inside == (closed.status == 200 ? 0 : 60), "seed \(seed)")
            #expect(done.tally.refused == 60 - inside && done.tally.read == 60, "seed \(seed): \(done.tally)")
            #expect(try await scene.count("member") == (closed.status == 200 ? 20 : 60), "seed \(seed)")
        }
    }

    @Test(arguments: SeededGenerator.seeds(2))
    func `a file beside transfers of the same persons loses nobody, has nobody twice and keeps every step`(seed: UInt64) async throws {
        try await withDatabase { database in
            var random = SeededGenerator(seed: seed)
            let scene = try await RegistryScene(database)
            let (north, west) = (try await scene.grow(.street, "北街"), try await scene.grow(.street, "西街"))
            func file(_ organization: String) -> [UInt8] {
                Array(
                    ("姓名,身份证号,组织\n"
                        + (0..<60).map { "张三,\(DemoRegister.nationalID(seed: seed, row: $0).text),\(organization)\n" }.joined()).utf8)
            }
            _ = try await scene.bringIn(file("德保"))
            let ids = try await database.query("select member_id from member").map { try $0.decode(0, as: Int64.self) }.shuffled(
                using: &random)
            // Twenty have been asked for and nobody objected in time; forty move by a word of the city, which speaks for both sides.
            #expect(try await open(ids.prefix(20), to: west, scene) == 20)
            var importer = scene.importer
            importer.chunkRows = 8
            let made = importer
            let pieces = Pieces(file("北街"), size: 300)
            async let filing = made.run(
                next: { await pieces.next() },
                options: MemberImportOptions(organizationID: nil, isDryRun: false, bytesTotal: nil), requestedBy: "test")
            await withTaskGroup(of: Void.self) { group in
                for id in ids.suffix(40) {
                    group.addTask {
                        let moved = await scene.send(.post, "/v1/members/\(id)/transfers", #"{"organizationId":\#(west)}"#)
                        #expect(moved.status == 201, "seed \(seed): \(moved.text)")
                    }
                }
                for _ in 0..<3 {
                    group.addTask {
                        for job in scene.registry.jobs where job.name == "transfers.settle" {
                            do { while try await job.run() == .more {} } catch { Issue.record("seed \(seed): \(error)") }
                        }
                    }
                }
            }
            #expect(try await filing.tally == MemberImportTally(updated: 60), "seed \(seed)")
            try await isWhole(scene, from: scene.organization.id, to: [north, west], seed)
        }
    }

    /// Opens a transfer of each, whose deadline has passed.
    private func open(_ ids: some Sequence<Int64>, to west: ID<Organization>, _ scene: RegistryScene) async throws -> Int {
        try await scene.database.query(
            """
            insert into member_transfer (member_id, from_organization_id, to_organization_id, asked_by, asked_at, deadline_at)
            select member_id, organization_id, \(west), 'test', now() - interval '8 days', now() - interval '1 day'
            from member
            where member_id = any(\(Array(ids)))
            """
        ).affectedRows
    }

    /// Everybody is there once, and every membership ends as the next begins, elsewhere.
    private func isWhole(
        _ scene: RegistryScene, from first: ID<Organization>, to last: [ID<Organization>], _ seed: UInt64
    ) async throws {
        #expect(try await scene.value("select count(*) from member where status = 'active'", as: Int.self) == 60, "seed \(seed)")
        #expect(try await scene.count("national_id_directory") == 60, "seed \(seed)")
        let there: Int = try await scene.value("select count(*) from member where organization_id = any(\(last))")
        #expect(there == 60, "seed \(seed)")
        let broken: Int = try await scene.value(
            """
            with stay as (
                select member_id, version, organization_id, started_at, ended_at from membership
                union all
                select member_id, version + 1, organization_id, organization_since, null from member
            ),
            linked as (
                select
                    ended_at, organization_id, lead(organization_id) over stays as next_organization,
                    lead(started_at) over stays as next_start, row_number() over stays as place
                from stay
                window stays as (partition by member_id order by version)
            )
            select count(*) from linked
            where ended_at is not null and (next_start <> ended_at or next_organization = organization_id)
                or place = 1 and organization_id <> \(first)
            """)
        #expect(broken == 0, "seed \(seed)")
        let unlike: Int = try await scene.value(
            """
            select count(*)
            from member_transfer transfer
            full join membership on membership.transfer_id = transfer.transfer_id
            where coalesce(transfer.state, '') = 'completed' and membership.member_id is null
                or membership.transfer_id is not null
                    and (transfer.state <> 'completed' or transfer.from_organization_id <> membership.organization_id)
                or transfer.state = 'open'
            """)
        #expect(unlike == 0, "seed \(seed): a transfer is open, or completed without a move, or the other way round")
        let moved: Int = try await scene.value("select count(*) from membership where cause = 'imported'")
        #expect(moved == 60, "seed \(seed): the file moves each once")
    }
}
