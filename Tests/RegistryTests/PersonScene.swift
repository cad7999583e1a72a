import HTTP
import Postgres
import Runtime
import Testing

@testable import Registry

/// What the tests of persons need besides a registry: members, their sessions, organizers of one subtree.
extension RegistryScene {
    static let zhang = "11010519491231002X"
    static let li = "440524198001010013"

    /// Enters a member and gives the number.
    @discardableResult
    func enter(
        _ name: String, _ nationalID: String, phone: String? = nil, in organization: Organization? = nil
    ) async throws -> ID<Member> {
        let draft = MemberDraft(
            person: PersonalData(
                name: try PersonName(name), nationalID: try NationalID(nationalID), phone: try phone.map { try PhoneNumber($0) }),
            organizationID: (organization ?? self.organization).id, workerKind: .courier, employmentForm: nil, hardshipPost: nil,
            employerCheckup: nil)
        let outcome = try await database.transaction { (transaction) async throws(PostgresError) in
            try await registry.members.create(draft, in: transaction)
        }
        guard case .created(let member) = outcome else { throw TestFailure("\(name) was not entered") }
        return member.id
    }

    /// A bearer token of the member.
    func session(of id: ID<Member>) async throws -> String {
        try await registry.memberSessions.create(id, lifetimeSeconds: 3_600).token
    }

    /// A bearer token of an organizer with this role within the organization.
    func organizer(_ role: AccountRole, of organization: Organization?, mayUnmask: Bool = false) async throws -> String {
        let name = "\(role.rawValue) \(organization?.name ?? "") \(mayUnmask)"
        let token = try await registry.accounts.createOwner(name: name)
        _ = try await database.query(
            """
            update account_grant
            set role = \(role.rawValue), organization_id = \(organization?.id), may_unmask = \(mayUnmask)
            where account_id = (select account_id from account where name = \(name))
            """)
        return token
    }

    func child(_ name: String, kind: OrganizationKind = .enterprise) async throws -> Organization {
        try #require(try await registry.organizations.ensure(.init(parentID: organization.id, kind: kind, name: name)))
    }

    /// Sends and holds the answer against its declaration.
    func call(
        _ method: HTTP.Method, _ path: String, _ json: String? = nil, as bearer: String? = nil, headers: [(String, String)] = []
    ) async -> TestResponse {
        let response = await client.send(
            method, path, bearer: bearer ?? owner, headers: headers, body: json.map { Array($0.utf8) },
            contentType: json == nil ? nil : "application/json")
        #expect(response.undeclared == nil, "\(method) \(path)")
        return response
    }

    /// The actions written down so far, in order, with their subjects.
    func audited() async throws -> [String] {
        try await database.query("select action || ' ' || subject from audit_entry order by entry_id").map { try $0.decode(0) }
    }
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension QueryResult {
    /// Its only row.
    var single: Row {
        precondition(count == 1, "one row was expected")
        return self[0]
    }
}
