import Postgres
import Runtime

/// A file of members or organizations that leaves the house.
struct DataExport: Sendable {
    enum Kind: String, Codable, CaseIterable, Sendable {
        case members, organizations
    }

    enum State: String, Codable, CaseIterable, Sendable {
        case running, finished, broken
    }

    enum Encoding: String, Codable, CaseIterable, Sendable {
        /// With a byte order mark, by which spreadsheets know it.
        case utf8 = "utf-8"
        /// What spreadsheets in China take without asking.
        case gb18030

        var contentType: String { "text/csv; charset=\(rawValue)" }
    }

    /// What was asked for.
    struct Draft: Sendable {
        let kind: Kind
        /// Only what lies below it.
        let organizationID: ID<Organization>?
        let status: MemberStatus?
        let isMasked: Bool
        /// Of an unmasked one: 5 to 200 characters.
        let reason: String?
        let encoding: Encoding
    }

    let id: ID<DataExport>
    let draft: Draft
    let state: State
    let requestedBy: String
    let rows: Int
    let startedAt: Timestamp
    let finishedAt: Timestamp?
}
