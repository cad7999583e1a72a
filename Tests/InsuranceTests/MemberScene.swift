import Crypto
import HTTP
import Postgres
import Registry
import Runtime
import Testing

@testable import Insurance

/// A member with a policy, as tests of the members' side need them.
extension InsuranceScene {
    /// Somebody with a name, a phone and a data key.
    func person(
        _ name: String = "夏侯惇惇", nationalID: String = "11010519491231002X", phone: String = "13812345678", birthOn: String = "1990-01-01"
    ) async throws -> ID<Member> {
        let made = await at().send(
            .post, "/v1/members",
            #"{"organizationId":\#(east),"name":"\#(name)","nationalId":"\#(nationalID)","phone":"\#(phone)","workerKind":"courier"}"#)
        try #require(made.status == 201, "\(made.text)")
        let id: ID<Member> = try await value("select max(member_id) from member")
        _ = try await database.query("update member set status = 'active', birth_on = \(birthOn)::text::date where member_id = \(id)")
        return id
    }

    /// What a member does.
    struct Mine: Sendable {
        let scene: InsuranceScene
        let token: String
        var days: Double = 0

        func get(_ path: String, language: String = "zh") async -> TestResponse {
            await scene.at(days: days).send(.get, path, bearer: token, headers: [("Accept-Language", language)])
        }

        @discardableResult
        func post(_ path: String, _ json: String? = "{}", key: String? = nil) async -> TestResponse {
            await scene.at(days: days).send(
                .post, path, json, bearer: token, headers: key.map { [("Idempotency-Key", $0)] } ?? [])
        }

        func at(_ days: Double) -> Mine { Mine(scene: scene, token: token, days: days) }

        func policies() async throws -> [OwnPolicyAnswer] { try await get("/v1/me/policies").json(OwnPolicyList.self).items }

        func policy(_ id: ID<Policy>, language: String = "zh") async throws -> OwnPolicyAnswer {
            try await get("/v1/me/policies/\(id)", language: language).json(OwnPolicyAnswer.self)
        }
    }

    func mine(_ member: ID<Member>) async throws -> Mine { Mine(scene: self, token: try await token(of: member)) }

    /// Sent and issued by the insurer, each under the number `P-000` and its own.
    func issue(_ batch: ID<InsuranceBatch>, acceptDays: Int? = nil) async throws {
        let ids = try await policies(batch, .reserved).map(\.id)
        try await move(ids.map { PolicyMove($0, to: .sent) }, of: batch)
        let moved = try await move(
            ids.map { PolicyMove($0, to: .issued, number: "P-000\(1_000 + $0.rawValue)") }, of: batch, acceptDays: acceptDays)
        try #require(moved.allSatisfy { $0 == .moved })
    }

    /// A confirmed batch of one that `member`, who is alone, has.
    func given(acceptDays: Int? = nil, from: Int = 0, days: Int = 365, more: String = "") async throws -> Policy {
        let batch = try await confirmed(of: product(acceptDays: acceptDays, more: more), size: 1, from: from, days: days)
        return try #require(try await policies(batch.id).first)
    }

    /// Mutual aid that is open.
    func aid(
        of product: ProductAnswer, size: Int, from: Int = 30, days: Int = 365, joinDays: Int = 10, rules: String = "{\"eligibility\":[]}"
    ) async throws -> BatchAnswer {
        let until = timestamp(microseconds: (Clock().nowSeconds + Int64(joinDays) * 86_400) * 1_000_000)
        let batch = try await draft(
            of: product, size: size, from: from, days: days, rules: rules,
            more: #","kind":"mutual_aid","contributionFen":6000,"joinUntil":"\#(until)""#)
        let announced = await at().send(.post, "/v1/insurance-batches/\(batch.id)/announce")
        try #require(announced.status == 200, "\(announced.text)")
        return try announced.json(BatchAnswer.self)
    }

    /// Whether it stands somewhere in these rows: as text, or as bytes, which JSON shows in hexadecimal digits.
    static func stands(_ text: String, in row: String) -> Bool {
        row.contains(text) || row.contains(Hex.encode(Array(text.utf8)))
    }

    /// All rows of insurance, of the outbox and of the audit, as JSON.
    func rows() async throws -> [String] {
        let tables: [String] = try await database.query(
            """
            select table_name::text
            from information_schema.tables
            where table_schema = 'public' and (table_name like 'insur%' or table_name like 'policy%'
                or table_name in ('outbox_event', 'audit_entry', 'idempotency_key'))
            """
        ).map { try $0.decode(0) }
        try #require(tables.count > 10)
        var rows: [String] = []
        for table in tables {
            rows += try await database.query(SQL(raw: "select row_to_json(kept)::text from \(table) kept")).map { try $0.decode(0) }
        }
        return rows
    }
}
