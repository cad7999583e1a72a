package import HTTP
package import Postgres
package import Runtime

/// What a member is told: kept to be read on a page, and sent to the phone where there is one.
package struct MemberNotice: Sendable {
    /// The template of the message too: `checkup_appointment`.
    package let kind: String
    /// No name, no phone, no code.
    package let text: Localized
    /// What it is about, as in the audit: `policy:4`.
    package let subject: String?
    /// What a gateway's template is filled with.
    package let parameters: [String: String]

    package init(_ kind: String, _ text: Localized, subject: String?, parameters: [String: String] = [:]) {
        self.kind = kind
        self.text = text
        self.subject = subject
        self.parameters = parameters
    }
}

extension OutboxStore {
    /// Tells a member, in the transaction of the thing itself: a row in their messages, and `message.requested` where a phone is known.
    /// - Parameter validSeconds: after them nobody sends it to the phone any more.
    package func tell(
        _ notice: MemberNotice, to member: ID<Member>, phone: PhoneNumber?, validSeconds: Int64, in querying: any Querying
    ) async throws(PostgresError) {
        try await MemberMessageStore.keep(notice, for: member, in: querying)
        guard let phone else { return }
        let message = OutgoingMessage(
            phone: phone, template: notice.kind, language: Language.zh.rawValue, parameters: notice.parameters,
            text: "【驿站】" + notice.text.zh)
        try await emitSealed(
            "message.requested", subject: "member:\(member)", organization: nil, data: message, validSeconds: validSeconds, in: querying)
    }
}
