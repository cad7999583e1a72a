package import Postgres
package import Runtime

/// Members' consents: every statement about them.
package struct MemberConsentStore: Sendable {
    let database: Database

    /// Records consents given and withdrawn. What holds already, for the same text, is not recorded again.
    /// - Returns: how many were recorded.
    @discardableResult
    package func record(
        _ drafts: [MemberConsentDraft], by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> Int {
        if drafts.isEmpty { return 0 }
        // The member's lock orders those who record at once: the last one recorded is the one that holds.
        _ = try await querying.query(
            "select from member where member_id = any(\(drafts.map(\.memberID))) order by member_id for no key update")
        let result = try await querying.query(
            """
            insert into member_consent (member_id, purpose, is_given, text_version, channel, recorded_by)
            select told.member_id, told.purpose, told.is_given, told.text_version, told.channel, \(subject)
            from unnest(
                \(drafts.map(\.memberID)), \(drafts.map(\.purpose.rawValue)), \(drafts.map(\.isGiven)), \(drafts.map(\.textVersion)),
                \(drafts.map(\.channel.rawValue))
            ) as told (member_id, purpose, is_given, text_version, channel)
            left join member_consent_current held on held.member_id = told.member_id and held.purpose = told.purpose
            where (held.is_given, held.text_version) is distinct from (told.is_given, told.text_version)
            """)
        return result.affectedRows
    }

    /// What holds: one for each purpose that was ever answered.
    package func current(of id: ID<Member>, in querying: (any Querying)? = nil) async throws(PostgresError) -> [MemberConsent] {
        try await consents(
            "select \(raw: Self.columns) from member_consent_current where member_id = \(id) order by purpose", querying)
    }

    /// Everything given and withdrawn, in the order of time.
    package func history(of id: ID<Member>, in querying: (any Querying)? = nil) async throws(PostgresError) -> [MemberConsent] {
        try await consents("select \(raw: Self.columns) from member_consent where member_id = \(id) order by consent_id", querying)
    }

    /// A condition for a statement: true where the member that `column` names has consented.
    package static func condition(_ column: String, _ purpose: ConsentPurpose) -> SQL {
        """
        exists (
            select from member_consent_current consent
            where consent.member_id = \(raw: column) and consent.purpose = \(purpose.rawValue) and consent.is_given
        )
        """
    }

    private static let columns = "purpose, is_given, text_version, channel, recorded_by, recorded_at"

    private func consents(_ statement: SQL, _ querying: (any Querying)?) async throws(PostgresError) -> [MemberConsent] {
        var consents: [MemberConsent] = []
        for row in try await (querying ?? database).query(statement) {
            guard let purpose = ConsentPurpose(rawValue: try row.decode("purpose")),
                let channel = ConsentChannel(rawValue: try row.decode("channel"))
            else { throw .decoding("an unknown purpose or channel of consent") }
            consents.append(
                MemberConsent(
                    purpose: purpose, isGiven: try row.decode("is_given"), textVersion: try row.decode("text_version"), channel: channel,
                    recordedBy: try row.decode("recorded_by"), recordedAt: try row.decode("recorded_at")))
        }
        return consents
    }
}
