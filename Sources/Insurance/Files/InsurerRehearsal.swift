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
        guard let roster = try await send(id) else { return nil }
        let (issued, rejected) = try await take(try await answer(id, roster, rejectedPerThousand: rejectedPerThousand), of: id)
        if rejected > 0 {
            try await life.batches.database.inTransaction { transaction in
                let rejected = try await life.policies.rejected(of: id, reason: Self.reason, in: transaction)
                _ = try await life.policies.move(
                    rejected.map { PolicyMove($0, to: .reserved) }, of: id, acceptDays: nil, by: Self.subject, in: transaction)
            }
        }
        return Round(roster: roster.number, lines: Int32(roster.lines), issued: issued, rejected: rejected)
    }

    /// Sends what waits by one roster; nil when nothing does.
    package func send(_ id: ID<InsuranceBatch>) async throws -> InsuranceRoster? {
        let actor = ProgramLife.Actor(subject: Self.subject)
        do {
            return try await life.batches.database.inTransaction { try await files.rosters.make(id, by: actor, in: $0) }
        } catch let problem as Problem where problem.type.code == InsuranceFileProblem.rosterEmpty.code {
            return nil
        }
    }

    /// Takes a file of results as a request does.
    package func take(_ file: [UInt8], of id: ID<InsuranceBatch>) async throws -> (issued: Int32, rejected: Int32) {
        var reader = try ResultFileReader(try await files.results.frame(id, within: .everything))
        for start in stride(from: 0, to: file.count, by: Self.pieceBytes) {
            try reader.read(Array(file[start..<min(start + Self.pieceBytes, file.count)]))
        }
        let actor = ProgramLife.Actor(subject: Self.subject)
        let result = try await files.results.take(try reader.finish(), of: id, isDryRun: false, by: actor).result
        return (result.issued, result.rejected)
    }

    private static let pieceBytes = 65_536

    /// The insurer's file about a roster, by the insurer's form.
    package func answer(_ id: ID<InsuranceBatch>, _ roster: InsuranceRoster, rejectedPerThousand: Int64) async throws -> [UInt8] {
        let frame = try await files.results.frame(id, within: .everything)
        var file = try frame.form.encoding.bytes(of: CSVLine.text(frame.form.result.map(\.title)), isFirst: true)
        var last: ID<Policy>?
        while true {
            let page = try await files.rosters.rosters.entries(of: id, roster.number, after: last, limit: RosterDesk.pageLines)
            guard let end = page.last else { return file }
            last = end.policyID
            let text = page.map { entry in
                // Scattered, and others in each round.
                let isRejected = (entry.policyID.rawValue &* 7_919 &+ Int64(roster.number) &* 104_729) % 1_000 < rejectedPerThousand
                return CSVLine.text(frame.form.result.map { cell($0.field, entry, frame, isRejected) })
            }.joined()
            file += try frame.form.encoding.bytes(of: text, isFirst: false)
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
