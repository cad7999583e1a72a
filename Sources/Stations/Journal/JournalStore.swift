package import Crypto
import MemberCode
package import Postgres
package import Registry
package import Runtime

/// Takes up what controllers decided alone.
package struct JournalStore: Sendable {
    private let database: Database
    private let codes: MemberCodeVerifier
    private let cards: MemberCardVerifier
    private let fingerprints: ScanFingerprints
    private let clockOffsetMicroseconds: Int64

    package init(_ database: Database, keys: Keys, clock: Clock) {
        self.database = database
        codes = MemberCodeVerifier(keys)
        cards = MemberCardVerifier(keys)
        fingerprints = ScanFingerprints(keys)
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// What became of an entry, and why it was refused.
    package struct Result: Sendable {
        package let outcome: JournalOutcome
        package let reason: JournalRefusal?
    }

    /// Records what is not recorded yet, all in one transaction.
    /// - Returns: one result for each entry, in their order; nil when the device does not serve the access point, and then nothing was
    ///   written.
    package func record(_ body: JournalBody, by device: ID<Device>) async throws(PostgresError) -> [Result]? {
        let entries = body.entries.map {
            JournalEntry($0, device: device, accessPoint: body.accessPointId, codes: codes, cards: cards)
        }
        let sound = entries.compactMap { $0 }
        var recorded: [Result]? = []
        if !sound.isEmpty { recorded = try await record(sound, at: body.accessPointId, by: device) }
        guard var rest = recorded?[...] else { return nil }
        var results: [Result] = []
        for entry in entries {
            if entry == nil {
                results.append(Result(outcome: .refused, reason: .contradiction))
            } else if let next = rest.popFirst() {
                results.append(next)
            }
        }
        guard results.count == entries.count else { throw .decoding("\(results.count) answers to \(entries.count) entries") }
        return results
    }

    private func record(
        _ entries: [JournalEntry], at accessPoint: ID<AccessPoint>, by device: ID<Device>
    ) async throws(PostgresError) -> [Result]? {
        var attempt = 1
        while true {
            do throws(PostgresError) {
                return try Self.results(
                    await database.query(Self.statement(entries, fingerprints, at: accessPoint, by: device, clockOffsetMicroseconds)))
            } catch {
                // A request that was decided at the same moment is found the next time.
                guard error.isRetryable, attempt < 5 else { throw error }
                attempt += 1
            }
        }
    }

    static func statement(
        _ entries: [JournalEntry], _ fingerprints: ScanFingerprints, at accessPoint: ID<AccessPoint>, by device: ID<Device>,
        _ clockOffsetMicroseconds: Int64
    ) -> SQL {
        """
        select * from stations_journal(\(device), \(accessPoint), \(entries.map(\.scan.requestID)), \
        \(entries.map(\.scan.direction.rawValue)), \(entries.map(\.scan.occurredAt)), \(entries.map(\.memberID)), \
        \(entries.map(\.scan.codeSequence)), \(entries.map { $0.codeReason?.rawValue }), \(entries.map { fingerprints($0.scan) }), \
        \(entries.map(\.kind.rawValue)), \(entries.map(\.cardID)), \(entries.map(\.isOpen)), \
        \(entries.map { $0.reasons.joined(separator: " ") }), \(entries.map(\.relayMilliseconds)), \(clockOffsetMicroseconds))
        """
    }

    private static func results(_ rows: QueryResult) throws(PostgresError) -> [Result]? {
        var results: [Result] = []
        for row in rows {
            let outcome = try row.decode("outcome", as: String.self)
            if outcome == "foreign" { return nil }
            guard let known = JournalOutcome(rawValue: outcome) else { throw .decoding("an outcome unknown to this version") }
            var reason: JournalRefusal?
            if let code = try row.decode("reason", as: String?.self) {
                guard let found = JournalRefusal(rawValue: code) else { throw .decoding("a refusal unknown to this version") }
                reason = found
            }
            results.append(Result(outcome: known, reason: reason))
        }
        return results
    }
}
