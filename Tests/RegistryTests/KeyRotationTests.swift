import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

/// Erasure that reaches into old backups: the master key of their time exists no longer.
struct KeyRotationTests {
    private struct Cut: Error {}

    /// A registry whose keys stand in a file.
    private struct Scene {
        let database: Database
        let path: String

        var keys: Keys { get throws { try KeyFile.open(path: path) } }
        func registry() throws -> Registry { Registry(database: database, keys: try keys, loops: TestLoops.all) }

        func rotation(batchRows: Int = 1_000) -> KeyRotation {
            var rotation = KeyRotation(database: database, keyFile: path)
            rotation.batchRows = batchRows
            return rotation
        }

        func enter(_ number: Int, in organization: ID<Organization>) async throws -> ID<Member> {
            let registry = try registry()
            let draft = MemberDraft(
                person: PersonalData(
                    name: try PersonName("张三"), nationalID: try NationalID(DemoRegister.nationalID(seed: 5, row: number).text),
                    phone: try PhoneNumber("1381234\(String(1_000 + number))")),
                organizationID: organization, workerKind: .courier, employmentForm: nil, hardshipPost: nil, employerCheckup: nil)
            let outcome = try await database.transaction { (transaction) async throws(PostgresError) in
                try await registry.members.create(draft, in: transaction)
            }
            guard case .created(let member) = outcome else { throw TestFailure("member \(number) was not entered") }
            return member.id
        }

        func isReadable(_ id: ID<Member>) async throws -> Bool {
            try await registry().members.member(id)?.person?.name.text == "张三"
        }

        /// What a backup taken now holds of a member.
        func dumped(_ id: ID<Member>) async throws -> (Keys) throws(CryptoError) -> PersonalData {
            let row = try await database.query(
                """
                select wrapped_key, name_sealed, national_id_sealed, phone_sealed
                from member_data_key join member_personal_data using (member_id) where member_id = \(id)
                """
            ).single
            let (key, name, nationalID): ([UInt8], [UInt8], [UInt8]) = (try row.decode(0), try row.decode(1), try row.decode(2))
            let phone: [UInt8] = try row.decode(3)
            return { keys throws(CryptoError) in
                try PersonalDataVault(keys).open(
                    wrappedKey: key, name: name, nationalID: nationalID, phone: phone, memberID: id.rawValue)
            }
        }
    }

    private func inScene(_ body: (Scene, ID<Organization>) async throws -> Void) async throws {
        let folder = "/tmp/waystation-rotation-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record("\(folder) stays: \(error)") }
        }
        try await withDatabase { database in
            let scene = Scene(database: database, path: folder + "/keys.json")
            let keys = try KeyFile.create(path: scene.path)
            #expect(try await KeyFingerprintStore(database).check(keys) == .accepted)
            let city = try #require(try await scene.registry().organizations.ensure(.init(kind: .city, name: "德保")))
            try await body(scene, city.id)
        }
    }

    @Test func `a dump from before an erasure tells nothing of that member with the key file from after the rotation`() async throws {
        try await inScene { scene, city in
            let (erased, living) = (try await scene.enter(1, in: city), try await scene.enter(2, in: city))
            let before = try await scene.dumped(erased)
            let old = try scene.keys
            let registry = try scene.registry()
            let index = registry.members.vault.index(of: try before(old).nationalID)
            let outcome = try await scene.database.query(
                "select member_erase(\(erased), \([index]), \(ErasureReason.askedByThePerson.rawValue), 'account:1')")
            #expect(try outcome.single.decode(0, as: String.self) == "erased")
            #expect(try before(try scene.keys).name.text == "张三", "until then whoever has the key file reads the backup")

            var steps: [KeyRotation.Step] = []
            for _ in 0..<3 {
                steps.append(try await scene.rotation().runOnce())
                #expect(try await scene.isReadable(living), "after \(steps)")
                #expect(try await KeyFingerprintStore(scene.database).check(scene.keys) == .accepted)
            }
            #expect(steps == [.add, .promote, .reseal])
            let new = try scene.keys
            #expect(new.masterKeys.count == 1 && new.currentMasterKeyID == 2 && new.blindIndexSecret == old.blindIndexSecret)
            #expect(throws: CryptoError.unknownKey(1)) { try before(new) }
            // Not by calling the new key by the old number either.
            let renamed = Keys(
                masterKeys: [1: new.masterKeys[2] ?? []], currentMasterKeyID: 1, blindIndexSecret: new.blindIndexSecret,
                memberCodeKeys: new.memberCodeKeys, currentMemberCodeKeyID: new.currentMemberCodeKeyID)
            #expect(throws: CryptoError.notAuthentic) { try before(renamed) }
            #expect(try await KeyFingerprintStore(scene.database).check(renamed) == .outdated(masterKey: 2))
            #expect(try await scene.isReadable(living))
            #expect(try await !scene.isReadable(erased))
            #expect(try await scene.registry().members.member(DemoRegister.nationalID(seed: 5, row: 2))?.id == living)
            #expect(try await KeyFingerprintStore(scene.database).check(old) == .outdated(masterKey: 2), "an old copy serves nobody")
            // And again.
            for _ in 0..<3 { _ = try await scene.rotation().runOnce() }
            #expect(try scene.keys.currentMasterKeyID == 3)
            #expect(try await scene.isReadable(living))
        }
    }

    @Test func `a rotation that is cut off anywhere is taken up again, and everybody can be read all the while`() async throws {
        try await inScene { scene, city in
            var members: [ID<Member>] = []
            for number in 1...9 { members.append(try await scene.enter(number, in: city)) }
            _ = try await scene.rotation().runOnce()
            _ = try await scene.rotation().runOnce()
            var cuts = 0
            while KeyRotation.Step(try scene.keys) == .reseal {
                do {
                    _ = try await scene.rotation(batchRows: 2).runOnce { done in if done > 1 { throw Cut() } }
                } catch is Cut {
                    cuts += 1
                }
                for member in members { #expect(try await scene.isReadable(member), "after \(cuts) cuts") }
            }
            #expect(cuts == 4)
            let keys = try await scene.database.query("select distinct substr(wrapped_key, 3, 2) from member_data_key")
            #expect(try keys.single.decode(0, as: [UInt8].self) == [0, 2])
            #expect(try scene.keys.masterKeys.keys.sorted() == [2])
            let destroyed = try await scene.database.query("select master_key_id from master_key where destroyed_at is not null")
            #expect(try destroyed.single.decode(0, as: Int32.self) == 1)
        }
    }

    @Test func `servers that know one step less read and write, and one that was forgotten writes nothing that would be lost`() async throws
    {
        try await inScene { scene, city in
            let forgotten = try scene.registry()
            _ = try await scene.rotation().runOnce()
            let added = try scene.registry()
            _ = try await scene.rotation().runOnce()
            // Restarted with the new key in force, beside one that only knows it.
            let member = try await scene.enter(1, in: city)
            #expect(try await added.members.member(member)?.person?.name.text == "张三")
            let draft = MemberDraft(
                person: PersonalData(
                    name: try PersonName("李四"), nationalID: try NationalID(DemoRegister.nationalID(seed: 5, row: 7).text), phone: nil),
                organizationID: city, workerKind: nil, employmentForm: nil, hardshipPost: nil, employerCheckup: nil)
            let other = try await scene.database.transaction { (transaction) async throws(PostgresError) in
                try await added.members.create(draft, in: transaction)
            }
            guard case .created(let entered) = other else { throw TestFailure("the other server enters nobody") }
            #expect(try await scene.registry().members.member(entered.id)?.person?.name.text == "李四")
            _ = try await scene.rotation().runOnce()
            #expect(try await scene.registry().members.member(entered.id)?.person?.name.text == "李四")
            let later = MemberDraft(
                person: PersonalData(
                    name: try PersonName("王五"), nationalID: try NationalID(DemoRegister.nationalID(seed: 5, row: 8).text), phone: nil),
                organizationID: city, workerKind: nil, employmentForm: nil, hardshipPost: nil, employerCheckup: nil)
            await #expect(throws: (any Error).self) {
                try await scene.database.transaction { (transaction) async throws(PostgresError) in
                    try await forgotten.members.create(later, in: transaction)
                }
            }
            let count = try await scene.database.query("select count(*) from member").single.decode(0, as: Int.self)
            #expect(count == 2)
        }
    }

    @Test func `what is sealed for no person goes along: receivers' secrets, kept answers, messages`() async throws {
        try await inScene { scene, city in
            let registry = try scene.registry()
            let owner = try await registry.accounts.createOwner(name: "王主席")
            func send(_ path: String, _ json: String, key: String) async throws -> TestResponse {
                let registry = try scene.registry()
                let client = TestClient(API(routes: registry.routes, authenticator: registry.authenticator), loop: TestLoops.all[0])
                return await client.send(
                    .post, path, bearer: owner, headers: [("Idempotency-Key", key)], body: Array(json.utf8),
                    contentType: "application/json")
            }
            let body = #"{"url":"https://example.com/hook"}"#
            let made = try await send("/v1/webhook-endpoints", body, key: "a")
            #expect(made.status == 201, "\(made.text)")
            _ = try await send("/v1/webhook-endpoints/1/rotate-secret", "{}", key: "b")
            try await registry.outbox.emitSealed(
                "message.requested", subject: "member:1", organization: nil, data: ["code": "123456"], validSeconds: 600,
                in: scene.database)
            for _ in 0..<3 { _ = try await scene.rotation(batchRows: 1).runOnce() }
            #expect(try await send("/v1/webhook-endpoints", body, key: "a").body == made.body, "with its secret")
            let sealer = Sealer(try scene.keys)
            let secrets = try await scene.database.query("select secret_sealed, previous_secret_sealed from webhook_endpoint").single
            let previous = WebhookSecret(
                bytes: try sealer.open(try secrets.decode(1), in: WebhookEndpointStore.secretColumn, row: 1))
            #expect(try made.json(WebhookSecretAnswer.self).secret == previous.text)
            _ = try sealer.open(try secrets.decode(0), in: WebhookEndpointStore.secretColumn, row: 1)
            let event = try await scene.database.query("select event_id, data_sealed from outbox_event").single
            let data = try sealer.open(try event.decode(1), in: OutboxStore.dataColumn, row: try event.decode(0))
            #expect(String(decoding: data, as: UTF8.self) == #"{"code":"123456"}"#)
        }
    }

    @Test func `every column that is sealed under a master key is known to the rotation`() async throws {
        try await withDatabase { database in
            let columns = try await database.query(
                """
                select table_name || '.' || column_name from information_schema.columns
                where table_schema = 'public' and data_type = 'bytea' and (column_name like '%sealed' or column_name = 'wrapped_key')
                order by 1
                """
            ).map { try $0.decode(0, as: String.self) }
            // Under a person's data key, which goes along.
            let personal =
                ["name", "national_id", "phone"].map { "member_personal_data.\($0)_sealed" }
                + ["member_application.wanted_phone_sealed", "policy_beneficiary.sealed"]
            #expect(Set(columns) == Set(MasterKeyStore.columns.map { "\($0.0).\($0.1)" } + personal), "\(columns)")
        }
    }

    @Test func `two machines that add a key at once: one is told`() async throws {
        try await inScene { scene, _ in
            let copy = scene.path + ".copy"
            _ = try KeyFile.create(path: copy)
            try KeyFile.replace(path: copy, with: try scene.keys)
            #expect(try await scene.rotation().runOnce() == .add)
            let before = try KeyFile.open(path: copy)
            await #expect(throws: KeyRotation.Refusal.self) {
                try await KeyRotation(database: scene.database, keyFile: copy).runOnce()
            }
            #expect(try KeyFile.open(path: copy) == before)
            #expect(try await KeyFingerprintStore(scene.database).check(before) == .outdated(masterKey: 2))
        }
    }
}
