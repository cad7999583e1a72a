import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

// What tests of organizations, joining and transfers share.
extension RegistryScene {
    /// Sends and holds the answer against the route's declaration.
    func send(
        _ method: HTTP.Method, _ path: String, _ json: String? = nil, bearer: String? = nil, headers: [(String, String)] = []
    ) async -> TestResponse {
        let response = await client.send(
            method, path, bearer: bearer ?? owner, headers: headers, body: json.map { Array($0.utf8) },
            contentType: json == nil ? nil : "application/json")
        #expect(response.undeclared == nil)
        return response
    }

    /// An organization below another, by default below the city.
    func grow(_ kind: OrganizationKind, _ name: String, below parent: ID<Organization>? = nil) async throws -> ID<Organization> {
        let made = try await registry.organizations.ensure(.init(parentID: parent ?? organization.id, kind: kind, name: name))
        return try #require(made).id
    }

    /// A token of somebody with a role within a subtree.
    func organizer(_ role: AccountRole, in subtree: ID<Organization>) async throws -> String {
        let token = BearerToken.random(.account)
        _ = try await database.query(
            """
            with made as (
                insert into account (name) values (\("\(role.rawValue) of \(subtree) \(token.text.suffix(8))")) returning account_id
            ),
            granted as (
                insert into account_grant (account_id, role, organization_id, granted_by)
                select account_id, \(role.rawValue), \(subtree), 'test' from made
            )
            insert into account_token (token_sha256, account_id) select \(token.digest), account_id from made
            """)
        return token.text
    }

    /// The join code of an organization, made anew, with the rule set.
    func joinCode(of id: ID<Organization>, rule: JoinRule = .approval) async throws -> String {
        _ = try await database.query("update organization set join_rule = \(rule.rawValue) where organization_id = \(id)")
        return try await send(.post, "/v1/organizations/\(id)/join-code/rotate").json(JoinCodeAnswer.self).code
    }

    /// One value of one row.
    func value<Value: PostgresDecodable>(_ sql: SQL, as _: Value.Type = Value.self) async throws -> Value {
        try await database.query(sql)[0].decode(0)
    }

    /// Texts of a column, in order.
    func texts(_ sql: SQL) async throws -> [String] {
        try await database.query(sql).map { try $0.decode(0) }
    }
}
