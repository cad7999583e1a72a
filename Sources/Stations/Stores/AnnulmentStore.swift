import FoundationEssentials
package import Postgres
import Registry
package import Runtime

/// Entries taken back by their door.
package struct AnnulmentStore: Sendable {
    private let database: Database
    private let clockOffsetMicroseconds: Int64

    /// - Parameter clock: its offset is added to the database's clock in every decision.
    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// Takes back these entries, in one transaction; the outcomes in their order.
    package func annul(_ annulments: [Annulment]) async throws(PostgresError) -> [AnnulmentOutcome] {
        let rows = try await database.query(Self.statement(annulments, clockOffsetMicroseconds))
        var outcomes = [AnnulmentOutcome?](repeating: nil, count: annulments.count)
        for row in rows {
            let position = Int(try row.decode(0, as: Int32.self)) - 1
            guard outcomes.indices.contains(position) else { throw .decoding("an answer to no request") }
            outcomes[position] = try Self.outcome(row)
        }
        let answered = outcomes.compactMap(\.self)
        guard answered.count == annulments.count else { throw .decoding("\(answered.count) answers to \(annulments.count) annulments") }
        return answered
    }

    static func statement(_ annulments: [Annulment], _ clockOffsetMicroseconds: Int64) -> SQL {
        """
        select * from stations_annul(\(annulments.map(\.requestID)), \(annulments.map(\.deviceID)), \(annulments.map(\.accessPointID)), \
        \(annulments.map(\.reason.rawValue)), \(clockOffsetMicroseconds))
        """
    }

    private static func outcome(_ row: Row) throws(PostgresError) -> AnnulmentOutcome {
        switch try row.decode(1, as: String.self) {
        case "annulled", "repeated":
            .annulled(at: try row.decode(2), presenceRestored: try row.decode(3), peopleInside: try row.decode(4))
        case "foreign": .foreign
        case "unknown": .unknown
        case "not_an_entry": .notAnEntry
        case "too_late": .tooLate
        case "exit_since": .exitSince
        default: throw .decoding("an outcome unknown to this version")
        }
    }
}
