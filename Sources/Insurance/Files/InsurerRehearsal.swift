import HTTP
import Postgres
import Programs
import Registry
package import Runtime

/// Plays an insurer, for demos and rehearsals: takes a roster, writes most of it and sends a file of results that says so. The files go
/// the same way as real ones.
package struct InsurerRehearsal: Sendable {
    let life: InsuranceBatchLife
    let files: InsuranceFiles

    /// What one roster came to.
    package struct Round: Codable, Sendable {
        package let roster: Int32
        package let lines: Int32
        package let issued: Int32
        package let rejected: Int32
    }

    static let reason = "证件信息有误"
    private static let subject = "account:1"

    /// Sends what waits, lets the insurer answer, and mends what it rejected, so that the next round has it.
    /// - Parameter rejectedPerThousand: of the lines of this roster, chosen by their numbers.
    /// - Returns: nil when nothing waits any more.
    package func round(_ id: ID<InsuranceBatch>, rejectedPerThousand: Int64) async throws -> Round? {
        let actor = ProgramLife.Actor(subject: Self.subject)
        let roster: InsuranceRoster
        do {
            roster = try await life.batches.database.inTransaction { try await files.rosters.make(id, by: actor, in: $0) }
        } catch let problem as Problem where problem.type.code == InsuranceFileProblem.rosterEmpty.code {
            return nil
        }
        let result = try await files.results.take(
            try await answer(id, roster, rejectedPerThousand), of: id, isDryRun: false, by: actor
        ).result
        if result.rejected > 0 {
            try await life.batches.database.inTransaction { transaction in
                let rejected = try await life.policies.rejected(of: id, reason: Self.reason, in: transaction)
                _ = try await life.policies.move(
                    rejected.map { PolicyMove($0, to: .reserved) }, of: id, acceptDays: nil, by: Self.subject, in: transaction)
            }
        }
        return Round(roster: roster.number, lines: Int32(roster.lines), issued: Int32(result.issued), rejected: Int32(result.rejected))
    }

    /// The insurer's file, by its form.
    private func answer(_ id: ID<InsuranceBatch>, _ roster: InsuranceRoster, _ rejectedPerThousand: Int64) async throws -> ResultFile {
        let frame = try await files.results.frame(id, within: .everything)
        var reader = try ResultFileReader(frame)
        try reader.read(try frame.form.encoding.bytes(of: CSVLine.text(frame.form.result.map(\.title)), isFirst: true))
        var last: ID<Policy>?
        while true {
            let page = try await files.rosters.rosters.entries(of: id, roster.number, after: last, limit: RosterDesk.pageLines)
            guard let end = page.last else { return try reader.finish() }
            last = end.policyID
            let text = page.map { entry in
                // Scattered, and others in each round.
                let isRejected = (entry.policyID.rawValue &* 7_919 &+ Int64(roster.number) &* 104_729) % 1_000 < rejectedPerThousand
                return CSVLine.text(frame.form.result.map { cell($0.field, entry, frame, isRejected) })
            }.joined()
            try reader.read(try frame.form.encoding.bytes(of: text, isFirst: false))
        }
    }

    private func cell(
        _ field: InsurerFileForm.ResultField, _ entry: RosterEntry, _ frame: ResultFileReader.Frame, _ isRejected: Bool
    ) -> String {
        switch field {
        case .reference: PolicyReference(batchID: frame.batchID, policyID: entry.policyID).description
        case .status: (isRejected ? frame.form.rejectedWords : frame.form.issuedWords)[0]
        case .number: isRejected ? "" : entry.number ?? "PA\(entry.policyID)"
        case .coverFrom: isRejected ? "" : frame.coverFrom.description
        case .coverTo: isRejected ? "" : CalendarDate(daysSince1970: frame.coverUntil.daysSince1970 - 1).description
        case .reason: isRejected ? Self.reason : ""
        }
    }
}
