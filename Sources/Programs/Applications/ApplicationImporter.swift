import Crypto
import HTTP
import Postgres
import Registry
import Runtime

/// Applies on behalf of many at once, from a CSV file: streamed, in chunks of a thousand rows, each decided by one statement in its own
/// transaction. The same file can be brought in again: who applied already has the same wishes once more.
struct ApplicationImporter: Sendable {
    let applications: ProgramApplicationStore
    let vault: PersonalDataVault
    let audit: AuditStore

    static let chunkRows = 1_000
    /// Refusals that an answer names; the others are counted.
    static let refusalsMax = 1_000

    /// Why a line was not taken.
    struct Refusal: Sendable {
        let line: Int
        let column: String
        let reason: Violation
    }

    struct Tally: Sendable {
        var rows = 0
        var applied = 0
        var refused = 0
        var refusals: [Refusal] = []

        mutating func refuse(_ line: Int, _ reasons: [(column: String, reason: Violation)]) {
            refused += 1
            for (column, reason) in reasons where refusals.count < ApplicationImporter.refusalsMax {
                refusals.append(Refusal(line: line, column: column, reason: reason))
            }
        }
    }

    struct Order: Sendable {
        let program: ID<UnionProgram>
        let organization: ID<Organization>
        let scope: Scope
        let isDryRun: Bool
        let subject: String
        let requestID: String
    }

    /// A line that can be read.
    private struct Line: Sendable {
        enum Person: Sendable {
            case number(ID<Member>)
            /// The directory's key.
            case index([UInt8])
        }

        let number: Int
        let person: Person
        let wishes: [Int32]
    }

    /// - Parameter next: the file's next bytes; nil at its end.
    func run(_ order: Order, next: () async throws -> [UInt8]?) async throws -> Tally {
        var file = CSVFile()
        var columns: ApplicationColumns?
        var tally = Tally()
        var waiting: [Line] = []
        var firstLines: [ID<Member>: Int] = [:]
        while true {
            let piece = try await next()
            for row in try file.read(piece) {
                guard let known = columns else {
                    columns = try ApplicationColumns(row.cells)
                    continue
                }
                tally.rows += 1
                switch line(row, known) {
                case .success(let line): waiting.append(line)
                case .failure(let faults): tally.refuse(row.lineNumber, faults.all)
                }
            }
            while waiting.count >= Self.chunkRows || (piece == nil && !waiting.isEmpty) {
                let chunk = Array(waiting.prefix(Self.chunkRows))
                waiting.removeFirst(chunk.count)
                try await apply(chunk, order, &tally, &firstLines)
            }
            if piece == nil { break }
        }
        if columns == nil { throw MemberImportError.empty }
        return tally
    }

    private struct Faults: Error {
        let all: [(column: String, reason: Violation)]
    }

    private func line(_ row: CSVFile.Row, _ columns: ApplicationColumns) -> Result<Line, Faults> {
        if let fault = row.fault { return .failure(Faults(all: [("row", Violation(fault))])) }
        var faults: [(column: String, reason: Violation)] = []
        var person: Line.Person?
        if let place = columns.member, let text = row.cell(place) {
            if let number = Int64(text), number > 0 { person = .number(ID(number)) } else { faults.append(("memberId", .numberUnreadable)) }
        } else if let place = columns.nationalID, let text = row.cell(place) {
            do throws(MemberFault) {
                person = .index(vault.index(of: try NationalID(text)))
            } catch {
                faults.append(("nationalId", Violation(error)))
            }
        } else {
            faults.append(("memberId", .personMissing))
        }
        let parts = (row.cell(columns.wishes) ?? "").split { " ;|、，；,/".contains($0) }
        let wishes = parts.compactMap { Int32($0) }
        if wishes.count < parts.count || wishes.contains(where: { $0 < 1 }) { faults.append(("wishes", .wishesUnreadable)) }
        guard faults.isEmpty, let person else { return .failure(Faults(all: faults)) }
        return .success(Line(number: row.lineNumber, person: person, wishes: wishes))
    }

    private func apply(
        _ chunk: [Line], _ order: Order, _ tally: inout Tally, _ firstLines: inout [ID<Member>: Int]
    ) async throws {
        let known = firstLines
        let done = try await applications.database.inTransaction { try await apply(chunk, order, known, in: $0) }
        tally.applied += done.tally.applied
        tally.refused += done.tally.refused
        tally.refusals += done.tally.refusals.prefix(max(0, Self.refusalsMax - tally.refusals.count))
        firstLines = done.lines
    }

    private func apply(
        _ chunk: [Line], _ order: Order, _ known: [ID<Member>: Int], in querying: any Querying
    ) async throws -> (tally: Tally, lines: [ID<Member>: Int]) {
        var tally = Tally()
        var lines = known
        let indexes = chunk.compactMap { line -> [UInt8]? in if case .index(let index) = line.person { index } else { nil } }
        let byIndex = try await applications.members(indexes: indexes, in: querying)
        func member(_ line: Line) -> ID<Member>? {
            switch line.person {
            case .number(let id): id
            case .index(let index): byIndex[index]
            }
        }
        let reachable = try await applications.members(among: chunk.compactMap(member), within: order.scope, in: querying)
        var requests: [ApplyRequest] = []
        var places: [Int] = []
        for line in chunk {
            guard let id = member(line), reachable.contains(id) else {
                tally.refuse(line.number, [("memberId", .memberUnknown)])
                continue
            }
            if let first = lines[id] {
                tally.refuse(line.number, [("memberId", .repeated(first))])
                continue
            }
            lines[id] = line.number
            requests.append(ApplyRequest(memberID: id, programID: order.program, wishes: line.wishes, subject: order.subject))
            places.append(line.number)
        }
        let outcomes = try await applications.apply(batch: requests, isDryRun: order.isDryRun, in: querying)
        for (line, outcome) in zip(places, outcomes) {
            switch outcome {
            case .applied: tally.applied += 1
            case .refused(let reasons) where reasons.isEmpty: tally.applied += 1
            case .refused(let reasons): tally.refuse(line, reasons.map { ($0.pointer == nil ? "row" : "wishes", $0) })
            case .memberUnknown: tally.refuse(line, [("memberId", .memberUnknown)])
            case .programUnknown: throw Problem(ProgramProblem.notFound)
            }
        }
        if !order.isDryRun, tally.applied > 0 {
            try await audit.record(
                "program.applications_imported", subject: "program:\(order.program)", organization: order.organization,
                details: ["applied": String(tally.applied), "refused": String(tally.refused)], actor: order.subject,
                requestID: order.requestID, in: querying)
        }
        return (tally, lines)
    }
}

/// Where a file's columns stand.
struct ApplicationColumns: Sendable {
    let member: Int?
    let nationalID: Int?
    let wishes: Int

    private static let members = ["会员编号", "会员号", "memberid", "member_id"]
    private static let nationalIDs = ["身份证号", "身份证号码", "身份证", "nationalid", "national_id"]
    private static let wishNames = ["志愿", "场次", "wishes"]

    /// - Throws: unknown, missing and doubled columns by their names.
    init(_ headings: [String]) throws(MemberImportError) {
        var found: [String: Int] = [:]
        var unknown: [String] = []
        var doubled: [String] = []
        for (index, heading) in headings.enumerated() where !heading.isEmpty {
            let name = heading.lowercased()
            let kind =
                Self.members.contains(name)
                ? "memberId" : Self.nationalIDs.contains(name) ? "nationalId" : Self.wishNames.contains(name) ? "wishes" : nil
            guard let kind else {
                unknown.append(String(heading.prefix(40)))
                continue
            }
            if found.updateValue(index, forKey: kind) != nil { doubled.append(kind) }
        }
        member = found["memberId"]
        nationalID = found["nationalId"]
        var missing = found["wishes"] == nil ? ["志愿/wishes"] : []
        if member == nil, nationalID == nil { missing.append("会员编号/memberId") }
        guard let wishes = found["wishes"], unknown.isEmpty, missing.isEmpty, doubled.isEmpty else {
            // A first line without any known heading is no header but a person, whom nobody should quote.
            throw .columns(unknown: found.isEmpty ? [] : Array(unknown.prefix(20)), missing: missing, doubled: doubled)
        }
        self.wishes = wishes
    }
}

extension Violation {
    fileprivate init(_ fault: MemberFault) {
        self.init(fault.code, zh: fault.reason.zh, en: fault.reason.en)
    }

    fileprivate static let numberUnreadable = Violation(
        "application.member_number_unreadable", zh: "会员编号应为数字", en: "A member's number is a number")
    fileprivate static let personMissing = Violation(
        "application.person_missing", zh: "缺少会员编号或身份证号", en: "The member's number or national id is missing")
    fileprivate static let wishesUnreadable = Violation(
        "application.wishes_unreadable", zh: "志愿应为场次编号，用空格分开", en: "Wishes are numbers of sessions with spaces between them")
    fileprivate static let memberUnknown = Violation(
        "application.member_unknown", zh: "没有此会员，或不在您的管理范围", en: "There is no such member within your organizations")

    fileprivate static func repeated(_ line: Int) -> Violation {
        Violation("application.line_repeated", zh: "此会员已在第 \(line) 行", en: "This member stands in line \(line) already")
    }
}
