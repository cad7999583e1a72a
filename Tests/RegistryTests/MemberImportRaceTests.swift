import Postgres
import TestSupport
import Testing

@testable import Registry

/// Two who write the same person at the same moment.
@Suite struct MemberImportRaceTests {
    private static let id = "11010519491231002X"

    /// A batch that gives the person the phone, made from what is known now.
    private func change(_ scene: RegistryScene, phone: String) async throws -> MemberApplyBatch {
        let members = scene.registry.members
        let draft = MemberDraft(
            person: PersonalData(name: try PersonName("张三"), nationalID: try NationalID(Self.id), phone: try PhoneNumber(phone)),
            organizationID: scene.organization.id, workerKind: nil, employmentForm: nil, hardshipPost: nil, employerCheckup: nil)
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
}
