import Allocation
import Postgres
import Registry
import Runtime
import Synchronization

/// What programs have announced, kept by the hash that was published: they never change under it.
final class FrozenRules: Sendable {
    struct Entry: Sendable {
        let hash: [UInt8]
        let rules: ProgramRules
        /// Of the organizations that the rules name.
        let names: [ID<Organization>: String]
        /// The benefit that the program gives, which nobody has twice in a period.
        let family: String?
        let period: String?
        /// By their numbers: whose members each is for, nil for everybody's. A session's capacity may change, these never.
        let audiences: [Int32: ID<Organization>?]
        let evidence: FrozenEvidence.Frame

        var isLocal: Bool { rules.mode == Program.Mode.local.rawValue }

        /// Whether the candidate has what the program gives. Held for good it is by a constraint when places are given.
        func isHeld(by candidate: Candidate) -> Bool {
            guard let family, let period else { return false }
            return candidate.holdsBenefit(family, period)
        }
    }

    private static let entriesMax = 1_000
    private let entries = Mutex<[ID<UnionProgram>: Entry]>([:])

    /// What is known of these programs; the missing ones are read. A draft has no entry.
    func find(_ ids: Set<ID<UnionProgram>>, in querying: any Querying) async throws(PostgresError) -> [ID<UnionProgram>: Entry] {
        var found = entries.withLock { entries in ids.reduce(into: [ID<UnionProgram>: Entry]()) { $0[$1] = entries[$1] } }
        let missing = ids.filter { found[$0] == nil }.sorted()
        if missing.isEmpty { return found }
        let read = try await ProgramApplicationStore.rules(of: missing, in: querying)
        found.merge(read) { _, new in new }
        entries.withLock { entries in
            if entries.count + read.count > Self.entriesMax { entries.removeAll() }
            entries.merge(read) { _, new in new }
        }
        return found
    }

    /// Forgets what has turned out to be no more so.
    func forget(_ ids: Set<ID<UnionProgram>>) {
        entries.withLock { entries in for id in ids { entries[id] = nil } }
    }
}
