package import HTTP
package import Postgres
package import Runtime

/// Writes down who changed what: every organizer's change and every reading of unmasked data, in the transaction of the change itself.
///
/// An entry carries numbers and words of the program. Personal data never stands in it; a person is `member:12`.
package struct AuditStore: Sendable {
    package init() {}

    /// - Parameters:
    ///   - action: what was done, in the past tense: `organization.created`.
    ///   - subject: to what: `organization:12`.
    ///   - organization: whose auditors may read it; nil for what concerns the whole union.
    ///   - details: what else an auditor needs.
    ///   - request: whose principal is the actor.
    package func record(
        _ action: String, subject: String, organization: ID<Organization>?, details: [String: String] = [:], _ request: Request,
        in querying: any Querying
    ) async throws(PostgresError) {
        try await record(
            action, subject: subject, organization: organization, details: details, actor: request.principal?.subject ?? "anyone",
            requestID: request.requestID, in: querying)
    }

    /// The same for what no request asked for.
    /// - Parameter actor: `job:transfers`, `command:owner.create`.
    package func record(
        _ action: String, subject: String, organization: ID<Organization>?, details: [String: String] = [:], actor: String,
        requestID: String? = nil, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into audit_entry (actor, action, subject, organization_id, request_id, details)
            values (\(actor), \(action), \(subject), \(organization), \(requestID), \(try Self.text(of: details)))
            """)
    }

    /// A JSON object with its keys in order, so that the same details are always the same bytes.
    private static func text(of details: [String: String]) throws(PostgresError) -> String {
        do {
            return String(decoding: try JSON.encode(details), as: UTF8.self)
        } catch {
            throw .decoding("details that JSON cannot hold")
        }
    }
}
