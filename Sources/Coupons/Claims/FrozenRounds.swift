import Postgres
import Programs
import Registry
import Runtime
import Synchronization

/// What rounds have announced, kept by the hash that was published: it never changes under it.
final class FrozenRounds: Sendable {
    struct Entry: Sendable {
        let hash: [UInt8]
        let mode: FairnessMode
        let rules: ProgramRules
        /// Of the organizations that the rules name.
        let names: [ID<Organization>: String]
        /// Of a draw: the program that shares out.
        let programID: ID<UnionProgram>?
        /// Whether anything is asked of a person but an active membership, which the decision itself looks at.
        let looksAtPersons: Bool

        init(
            hash: [UInt8], mode: FairnessMode, rules: ProgramRules, names: [ID<Organization>: String], programID: ID<UnionProgram>?
        ) {
            self.hash = hash
            self.mode = mode
            self.rules = rules
            self.names = names
            self.programID = programID
            looksAtPersons = !rules.eligibility.isEmpty || !rules.groups.isEmpty || rules.statuses != [.active]
        }
    }

    private static let entriesMax = 1_000
    private let entries = Mutex<[ID<CouponRound>: Entry]>([:])

    /// What is known of a round without asking.
    subscript(id: ID<CouponRound>) -> Entry? { entries.withLock { $0[id] } }

    /// What is known of these rounds; the missing ones are read. A draft has no entry.
    func find(_ ids: Set<ID<CouponRound>>, in querying: any Querying) async throws(PostgresError) -> [ID<CouponRound>: Entry] {
        var found = entries.withLock { entries in ids.reduce(into: [ID<CouponRound>: Entry]()) { $0[$1] = entries[$1] } }
        let missing = ids.filter { found[$0] == nil }.sorted()
        if missing.isEmpty { return found }
        let read = try await CouponRoundStore.announced(missing, in: querying)
        found.merge(read) { _, new in new }
        entries.withLock { entries in
            if entries.count + read.count > Self.entriesMax { entries.removeAll() }
            entries.merge(read) { _, new in new }
        }
        return found
    }

    /// Forgets what has turned out to be no more so.
    func forget(_ ids: Set<ID<CouponRound>>) {
        entries.withLock { entries in for id in ids { entries[id] = nil } }
    }
}
