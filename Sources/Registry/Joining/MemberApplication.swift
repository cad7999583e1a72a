package import Postgres
package import Runtime

/// Somebody who asked to become a member of an organization, and what was decided.
package struct MemberApplication: Sendable {
    /// The way in.
    package enum Source: String, Codable, CaseIterable, Sendable {
        /// Somebody new scanned a join code.
        case joinCode = "join_code"
        /// Somebody who had left scanned one.
        case returning = "return"
        /// An enterprise filed its people.
        case filing
    }

    package let id: ID<MemberApplication>
    package let organizationID: ID<Organization>
    package let memberID: ID<Member>
    package let source: Source
    package let state: ApplicationState
    /// How often it was submitted.
    package let submissions: Int
    package let submittedAt: Timestamp
    package let decidedAt: Timestamp?
    package let rejectReason: String?
    package let version: Int
}

/// Where an application stands, and what each event makes of it.
package enum ApplicationState: String, Codable, CaseIterable, Sendable {
    case pending, approved, rejected, withdrawn

    /// What happens to an application.
    package enum Event: String, CaseIterable, Sendable {
        case approve, reject
        /// The applicant sends corrected data, by the secret.
        case resubmit
        /// The applicant gives up, by leaving.
        case withdraw
    }

    /// What follows for the member.
    package enum Effect: String, Sendable {
        case becomesMember
        /// A newcomer is forgotten; who came back is again who had left.
        case isTurnedAway
        case isProvisionalAgain
    }

    /// - Returns: the next state and what follows; nil when the state does not allow the event.
    package func after(_ event: Event) -> (state: ApplicationState, effect: Effect)? {
        switch (self, event) {
        case (.pending, .approve): (.approved, .becomesMember)
        case (.pending, .reject): (.rejected, .isTurnedAway)
        case (.pending, .withdraw): (.withdrawn, .isTurnedAway)
        case (.rejected, .resubmit): (.pending, .isProvisionalAgain)
        case (.pending, .resubmit), (.rejected, .approve), (.rejected, .reject), (.rejected, .withdraw), (.approved, _), (.withdrawn, _):
            nil
        }
    }
}
