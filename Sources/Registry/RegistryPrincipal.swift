package import HTTP
package import Runtime

/// What a call needs, by the names that stand in profiles and in the API's description.
package enum RegistryPermission {
    package static let organizationsRead: Permission = "organizations.read"
    package static let organizationsWrite: Permission = "organizations.write"
    package static let membersRead: Permission = "members.read"
    package static let membersWrite: Permission = "members.write"
    package static let membersImport: Permission = "members.import"
    package static let memberCodesIssue: Permission = "member_codes.issue"
    package static let devicesRead: Permission = "devices.read"
    package static let devicesWrite: Permission = "devices.write"
    package static let scansCreate: Permission = "scans.create"
    package static let stationsRead: Permission = "stations.read"
    package static let stationsWrite: Permission = "stations.write"

    package static let stationsOperate: Permission = "stations.operate"
    package static let accountsRead: Permission = "accounts.read"
    package static let accountsWrite: Permission = "accounts.write"
    package static let applicationsDecide: Permission = "applications.decide"
    package static let credentialsWrite: Permission = "credentials.write"
    /// Attributes, consents, duplicates and merges: more than a guard's device sees.
    package static let memberDetailsRead: Permission = "member_details.read"
    package static let membersErase: Permission = "members.erase"
    package static let exportsCreate: Permission = "exports.create"
    package static let auditRead: Permission = "audit.read"
    package static let webhooksRead: Permission = "webhooks.read"
    package static let webhooksWrite: Permission = "webhooks.write"
    package static let programsRead: Permission = "programs.read"
    /// Drafts, announcing, runs, publishing.
    package static let programsWrite: Permission = "programs.write"
    /// Looking at a run that another made.
    package static let programsReview: Permission = "programs.review"
    /// Applying on behalf of workers, one by one or in bulk.
    package static let programApplicationsWrite: Permission = "program_applications.write"
    /// Giving, moving and freeing places by hand.
    package static let programAwardsWrite: Permission = "program_awards.write"
    package static let checkupsRead: Permission = "checkups.read"
    package static let checkupsWrite: Permission = "checkups.write"
    /// At the van: checking in, walk-ins, the day's list.
    package static let checkupsOperate: Permission = "checkups.operate"
    package static let couponsRead: Permission = "coupons.read"
    /// Campaigns, rounds, venues, settlements.
    package static let couponsWrite: Permission = "coupons.write"
    /// At the venue: redeeming, annulling, giving a use back.
    package static let couponsRedeem: Permission = "coupons.redeem"
    package static let insuranceRead: Permission = "insurance.read"
    /// Insurers, products, batches, runs.
    package static let insuranceWrite: Permission = "insurance.write"
    /// Looking at a run that another made.
    package static let insuranceReview: Permission = "insurance.review"
    /// Rosters, which name people, and the insurers' results.
    package static let insuranceFiles: Permission = "insurance.files"
    package static let schoolsRead: Permission = "schools.read"
    /// Schools, terms, teachers, courses, classes and their lessons.
    package static let schoolsWrite: Permission = "schools.write"
    /// At the lesson: scanning codes, the roll.
    package static let schoolsOperate: Permission = "schools.operate"
    package static let jobsRead: Permission = "jobs.read"
    package static let jobsWrite: Permission = "jobs.write"
    /// Reading one member's personal data; no role has it, only a grant that says so.
    package static let membersUnmask: Permission = "members.unmask"
    /// What members call for themselves.
    package static let me: Permission = "me"
    /// What every organizer calls for themselves: their sessions, their password.
    package static let account: Permission = "account"
    /// What every device calls for itself, whatever its profile.
    package static let device: Permission = "device"

    /// Every permission there is.
    package static let all: [Permission] = [
        organizationsRead, organizationsWrite, membersRead, membersWrite, membersImport, memberCodesIssue, devicesRead, devicesWrite,
        scansCreate, stationsRead, stationsWrite, stationsOperate, accountsRead, accountsWrite, applicationsDecide, credentialsWrite,
        exportsCreate, auditRead, webhooksRead, webhooksWrite, membersUnmask, me, account, device, memberDetailsRead, membersErase,
        programsRead, programsWrite, programsReview, programApplicationsWrite, programAwardsWrite, checkupsRead, checkupsWrite,
        checkupsOperate, couponsRead, couponsWrite, couponsRedeem, insuranceRead,
        insuranceWrite, insuranceReview, insuranceFiles, schoolsRead, schoolsWrite, schoolsOperate, jobsRead,
        jobsWrite,
    ]

    /// The names of those that `principal` has.
    static func names(of principal: some Principal) -> [String] {
        all.filter(principal.may).map(\.rawValue)
    }
}

extension AccountRole {
    /// What the role may, within its subtree.
    package var permissions: Set<Permission> {
        typealias P = RegistryPermission
        let reading: Set<Permission> = [
            P.organizationsRead, P.membersRead, P.devicesRead, P.stationsRead, P.memberDetailsRead, P.programsRead, P.checkupsRead,
            P.couponsRead, P.insuranceRead, P.schoolsRead,
        ]
        let working: Set<Permission> = [
            P.membersWrite, P.membersImport, P.memberCodesIssue, P.applicationsDecide, P.credentialsWrite, P.stationsOperate,
            P.programApplicationsWrite, P.programAwardsWrite, P.checkupsOperate, P.schoolsOperate,
        ]
        switch self {
        case .auditor: return reading.union([P.accountsRead, P.auditRead, P.webhooksRead, P.jobsRead])
        case .operator: return reading.union(working)
        case .manager, .owner:
            return reading.union(working).union([
                P.organizationsWrite, P.devicesWrite, P.stationsWrite, P.accountsRead, P.accountsWrite, P.exportsCreate, P.auditRead,
                P.webhooksRead, P.webhooksWrite, P.membersErase, P.programsWrite, P.programsReview, P.checkupsWrite,
                P.couponsWrite, P.insuranceWrite, P.insuranceReview, P.insuranceFiles, P.schoolsWrite, P.jobsRead, P.jobsWrite,
            ])
        }
    }
}

/// A person with an account.
package struct OrganizerPrincipal: Principal {
    package let accountID: ID<Account>
    package let grants: [AccountGrant]
    /// The token's own; nil for a principal made without one.
    package let sessionID: ID<AccountSession>?

    package init(accountID: ID<Account>, grants: [AccountGrant], sessionID: ID<AccountSession>? = nil) {
        self.accountID = accountID
        self.grants = grants
        self.sessionID = sessionID
    }

    package var subject: String { "account:\(accountID)" }

    package func may(_ permission: Permission) -> Bool {
        permission == RegistryPermission.account || grants.contains { Self.gives($0, permission) }
    }

    /// The subtrees in which the permission holds.
    package func scope(of permission: Permission) -> Scope {
        let giving = grants.filter { Self.gives($0, permission) }
        if giving.contains(where: { $0.organizationID == nil }) { return .everything }
        return Scope(subtrees: giving.compactMap(\.organizationID))
    }

    private static func gives(_ grant: AccountGrant, _ permission: Permission) -> Bool {
        permission == RegistryPermission.membersUnmask ? grant.mayUnmask : grant.role.permissions.contains(permission)
    }
}

/// A member who signed in.
package struct MemberPrincipal: Principal {
    package let memberID: ID<Member>
    package let sessionID: ID<MemberSession>

    package init(memberID: ID<Member>, sessionID: ID<MemberSession>) {
        self.memberID = memberID
        self.sessionID = sessionID
    }

    package var subject: String { "member:\(memberID)" }

    package func may(_ permission: Permission) -> Bool { permission == RegistryPermission.me }
}

extension Request {
    /// The member who calls a route that needs the permission `me`.
    package var member: MemberPrincipal {
        guard let member = principal as? MemberPrincipal else { preconditionFailure("only members have the permission me") }
        return member
    }
}

/// A device by its key.
package struct DevicePrincipal: Principal {
    package let deviceID: ID<Device>
    package let profile: DeviceProfile

    package init(deviceID: ID<Device>, profile: DeviceProfile) {
        self.deviceID = deviceID
        self.profile = profile
    }

    package var subject: String { "device:\(deviceID)" }

    package func may(_ permission: Permission) -> Bool {
        permission == RegistryPermission.device || profile.permissions.contains(permission)
    }
}
