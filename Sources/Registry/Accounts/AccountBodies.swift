import HTTP
import Postgres
import Runtime

struct AccountBody: Codable, Sendable, APIType {
    let name: String
    let role: AccountRole
    let organizationId: ID<Organization>?
    let mayUnmask: Bool?
    let password: String?

    var grant: AccountGrant { AccountGrantBody(role: role, organizationId: organizationId, mayUnmask: mayUnmask).grant }

    static let schema = Schema.object(
        "AccountBody", "An account to be",
        [.required("name", .string(1...100), "Unique; what its person signs in with")] + AccountGrantBody.fields + [
            .optional("password", .anySigns(1...512), "Better left out: the answer then has a code by which the person sets their own")
        ])
}

struct AccountGrantBody: Codable, Sendable, APIType {
    let role: AccountRole
    let organizationId: ID<Organization>?
    let mayUnmask: Bool?

    /// An auditor sees masked data only, whatever is asked for.
    var grant: AccountGrant {
        AccountGrant(role: role, organizationID: organizationId, mayUnmask: role != .auditor && mayUnmask ?? false)
    }

    static let fields: [Schema.Field] = [
        .required("role", .oneOf(AccountRole.allCases.map(\.rawValue)), "What it may"),
        .optional("organizationId", .id, "The root of the subtree where it may; absent for the whole union"),
        .optional("mayUnmask", .boolean, "May read one member's personal data at a time, with a reason; never an auditor"),
    ]

    static let schema = Schema.object("AccountGrantBody", "A role to be given", fields)
}

struct AccountGrantAnswer: Codable, Sendable, APIType {
    let id: ID<AccountGrant>
    let role: AccountRole
    let organizationId: ID<Organization>?
    let mayUnmask: Bool
    let grantedBy: String
    let grantedAt: String

    init(_ held: AccountDetails.GrantInForce) {
        id = held.id
        role = held.grant.role
        organizationId = held.grant.organizationID
        mayUnmask = held.grant.mayUnmask
        grantedBy = held.grantedBy
        grantedAt = held.grantedAt.description
    }

    static let schema = Schema.object(
        "AccountGrant", "A role in force",
        [
            .required("id", .id), .required("role", .oneOf(AccountRole.allCases.map(\.rawValue))),
            .optional("organizationId", .id, "Absent for the whole union"), .required("mayUnmask", .boolean),
            .required("grantedBy", .string(1...100)), .required("grantedAt", .dateTime),
        ])
}

struct AccountDetailsAnswer: Codable, Sendable, APIType {
    let id: ID<Account>
    let name: String
    let hasPassword: Bool
    let createdAt: String
    let disabledAt: String?
    let grants: [AccountGrantAnswer]

    init(_ details: AccountDetails) {
        id = details.account.id
        name = details.account.name
        hasPassword = details.hasPassword
        createdAt = details.account.createdAt.description
        disabledAt = details.disabledAt?.description
        grants = details.grants.map(AccountGrantAnswer.init)
    }

    static let schema = Schema.object(
        "AccountDetails", "An organizer's account",
        [
            .required("id", .id), .required("name", .string(1...100)), .required("hasPassword", .boolean),
            .required("createdAt", .dateTime), .optional("disabledAt", .dateTime, "Shut out since"),
            .required("grants", .array(of: AccountGrantAnswer.schema, 0...1_000), "Roles in force within your subtree"),
        ])
}

struct NewAccountAnswer: Codable, Sendable, APIType {
    let account: AccountDetailsAnswer
    let invitationCode: String?
    let invitationExpiresAt: String?

    static let schema = Schema.object(
        "NewAccount", "An account and how its person gets in",
        [
            .required("account", AccountDetailsAnswer.schema),
            .optional("invitationCode", .string(1...40), "Shown this once; absent where a password was given"),
            .optional("invitationExpiresAt", .dateTime),
        ])
}

struct InvitationAnswer: Codable, Sendable, APIType {
    let invitationCode: String
    let expiresAt: String

    static let schema = Schema.object(
        "Invitation", "A one-time code",
        [.required("invitationCode", .string(1...40), "Shown this once"), .required("expiresAt", .dateTime)])
}

struct AccountList: Codable, Sendable, APIType {
    let items: [AccountDetailsAnswer]
    let next: String?

    static let schema = Schema.object(
        "AccountList", "A page of accounts",
        [.required("items", .array(of: AccountDetailsAnswer.schema, 0...200)), PageCursor.next])
}

extension AccountGrant {
    /// For the audit.
    var words: [String: String] { ["role": role.rawValue, "mayUnmask": String(mayUnmask)] }
}
