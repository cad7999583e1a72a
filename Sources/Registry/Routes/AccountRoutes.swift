import HTTP
import Runtime

/// Who the caller is.
struct AccountRoutes: Sendable {
    let accounts: AccountStore
    let devices: DeviceStore

    var all: [Route] { [read] }

    private var read: Route {
        Route(
            .get, "/v1/account", summary: "Who you are and what you may do", tag: "Accounts", access: .authenticated,
            responses: [.json(200, AccountAnswer.self, "The caller")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            switch request.principal {
            case let organizer as OrganizerPrincipal:
                let account = try await accounts.account(organizer.accountID)
                return .json(
                    AccountAnswer(
                        subject: organizer.subject, kind: .account, name: account?.name,
                        role: organizer.grants.first?.role.rawValue ?? "none", permissions: RegistryPermission.names(of: organizer),
                        grants: organizer.grants.map(AccountAnswer.Grant.init)))
            case let device as DevicePrincipal:
                let name = try await devices.device(device.deviceID)?.name
                return .json(
                    AccountAnswer(
                        subject: device.subject, kind: .device, name: name, role: device.profile.rawValue,
                        permissions: RegistryPermission.names(of: device)))
            case let member as MemberPrincipal:
                return .json(
                    AccountAnswer(
                        subject: member.subject, kind: .member, name: nil, role: "member",
                        permissions: RegistryPermission.names(of: member)))
            default: throw Problem(HTTPProblem.tokenInvalid)
            }
        }
    }
}

struct AccountAnswer: Codable, Sendable, APIType {
    enum Kind: String, Codable, CaseIterable {
        case account, device, member
    }

    let subject: String
    let kind: Kind
    let name: String?
    let role: String
    let permissions: [String]
    var grants: [Grant]?

    struct Grant: Codable, Sendable {
        let role: AccountRole
        let organizationId: ID<Organization>?
        let mayUnmask: Bool

        init(_ grant: AccountGrant) {
            role = grant.role
            organizationId = grant.organizationID
            mayUnmask = grant.mayUnmask
        }

        static let schema = Schema.object(
            "OwnGrant", "A role and where it holds",
            [
                .required("role", .oneOf(AccountRole.allCases.map(\.rawValue))),
                .optional("organizationId", .id, "The root of the subtree; absent for the whole union"), .required("mayUnmask", .boolean),
            ])
    }

    static let schema = Schema.object(
        "Account", "The caller",
        [
            .required("subject", .string(1...100), "As in the logs"), .required("kind", .oneOf(Kind.allCases.map(\.rawValue))),
            .optional("name", .string(1...100)), .required("role", .string(1...40), "An account's role or a device's profile"),
            .required("permissions", .array(of: .string(1...60), 0...100)),
            .optional("grants", .array(of: Grant.schema, 0...1_000), "An account's roles and where they hold"),
        ])
}
