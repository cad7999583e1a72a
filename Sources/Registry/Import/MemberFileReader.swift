import Postgres
import Runtime

/// Some rows of a file, checked: those that may go in, and why the others may not.
struct MemberFileChunk: Sendable {
    var entries: [MemberEntry] = []
    var rejections: [MemberImportRejection] = []
    /// Rows among `rejections`: a row may have several faults.
    var refused = 0
    /// Of the whole file so far.
    var bytesRead: Int64 = 0
}

/// Reads a file of members from its first byte to its last, a chunk at a time.
///
/// Holds one chunk and, to find a person's second row, seventeen digits and a line number for each row that was good: some 25 bytes.
actor MemberFileReader {
    /// Members have rows of some 100 bytes; where rows are longer a chunk has fewer of them.
    static let chunkBytesMax = 8 << 20

    private let chunkRows: Int
    private let nextPiece: @Sendable () async throws -> [UInt8]?
    private let organizations: OrganizationNames
    private let defaultOrganizationID: ID<Organization>?
    private let today: CalendarDate
    private let vault: PersonalDataVault

    private var text = ImportText()
    private var decoder = CSVDecoder()
    private var rowReader: MemberRowReader?
    private var firstLines: [UInt64: UInt32] = [:]
    private var bytesRead: Int64 = 0
    private var isAtEnd = false

    init(
        organizations: OrganizationNames, defaultOrganizationID: ID<Organization>?, today: CalendarDate, vault: PersonalDataVault,
        chunkRows: Int, nextPiece: @escaping @Sendable () async throws -> [UInt8]?
    ) {
        self.organizations = organizations
        self.defaultOrganizationID = defaultOrganizationID
        self.today = today
        self.vault = vault
        self.chunkRows = chunkRows
        self.nextPiece = nextPiece
    }

    /// The next rows; nil after the last. Typed errors do not pass through `async let`, hence a result.
    func nextChunk() async -> Result<MemberFileChunk?, MemberImportError> {
        do throws(MemberImportError) {
            return .success(try await readChunk())
        } catch {
            return .failure(error)
        }
    }

    private func readChunk() async throws(MemberImportError) -> MemberFileChunk? {
        if isAtEnd { return nil }
        var rows = CSVRows()
        while rows.count < chunkRows && rows.byteCount < Self.chunkBytesMax && !isAtEnd {
            let piece: [UInt8]?
            do { piece = try await nextPiece() } catch { throw .sourceLost(error) }
            if let piece {
                bytesRead += Int64(piece.count)
                decoder.decode(try text.decode(piece, isLast: false), into: &rows)
            } else {
                isAtEnd = true
                decoder.decode(try text.decode([], isLast: true), into: &rows)
                decoder.finish(into: &rows)
            }
            if rowReader == nil { try readHeader(rows) }
        }
        guard let rowReader else { throw .empty }
        return check(rows, rowReader)
    }

    private func readHeader(_ rows: CSVRows) throws(MemberImportError) {
        guard let header = rows.rows.first else { return }
        let headings = (0..<header.cellCount).map { String(decoding: rows.cell(header, $0), as: UTF8.self) }
        rowReader = MemberRowReader(
            layout: try MemberColumn.Layout(headings: headings), organizations: organizations,
            defaultOrganizationID: defaultOrganizationID, today: today, headerLineNumber: header.lineNumber)
    }

    private func check(_ rows: CSVRows, _ rowReader: MemberRowReader) -> MemberFileChunk {
        var chunk = MemberFileChunk()
        chunk.entries.reserveCapacity(rows.count)
        chunk.bytesRead = bytesRead
        for row in rows.rows where row.lineNumber != rowReader.headerLineNumber {
            switch rowReader.read(row, of: rows) {
            case .success(let draft):
                let nationalID = draft.person.nationalID
                if let firstLine = firstLines[nationalID.number] {
                    chunk.refuse(
                        row.lineNumber, [.init(field: MemberColumn.nationalId.rawValue, fault: .duplicateInFile)],
                        shown: nationalID.masked, firstLineNumber: Int(firstLine))
                } else {
                    firstLines[nationalID.number] = UInt32(clamping: row.lineNumber)
                    chunk.entries.append(MemberEntry(lineNumber: row.lineNumber, draft: draft, vault: vault))
                }
            case .failure(let refusal):
                chunk.refuse(row.lineNumber, refusal.faults, shown: refusal.shown)
            }
        }
        return chunk
    }
}

extension MemberFileChunk {
    mutating func refuse(_ lineNumber: Int, _ faults: [MemberRowReader.Fault], shown: String?, firstLineNumber: Int? = nil) {
        refused += 1
        for (index, fault) in faults.enumerated() {
            rejections.append(
                MemberImportRejection(
                    lineNumber: lineNumber, ordinal: index + 1, field: fault.field, code: fault.fault.code,
                    firstLineNumber: firstLineNumber, shown: shown))
        }
    }
}
