import FoundationEssentials
import Postgres
import Registry
import Runtime

/// Members imported from a file by the command line, beside COPY of the very rows that came of it.
struct ImportWork: Work {
    static let name = "import"
    static let summary = "1 000 000 members from CSV, beside COPY of the finished rows"

    private static let members = 1_000_000
    /// What an import leaves behind for a person.
    private static let tables = [
        "member", "member_data_key", "member_personal_data", "national_id_directory", "member_phone_index", "member_name_index",
    ]

    private let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    func run(_ report: Report) async throws {
        report.title("import: \(Report.text(Double(Self.members))) members in \(options.runs) files, by waystation members import")
        try await BenchHouse.with { house in try await measure(house, report) }
    }

    private func measure(_ house: BenchHouse, _ report: Report) async throws {
        let runs = options.runs
        let each = Self.members / runs
        try await house.ensureOrganization()
        var ours: [Double] = []
        var peer: [Double] = []
        var memory = 0.0
        var most: Int64 = 0
        for run in 1...runs {
            report.note("import \(run)/\(runs)")
            let file = "\(house.folder)/members-\(run).csv"
            try house.writeRegister(each, first: (run - 1) * each, organization: "Bench", to: file)
            let start = MonotonicTime.current
            memory = max(memory, try await house.importFile(file))
            ours.append(Double(each) / (MonotonicTime.current - start).secondsValue)
            peer.append(try await copy(house, above: most, upTo: most + Int64(each) / 2))
            most = try await house.database.query("select max(member_id) from member")[0].decode(0)
            try FileManager.default.removeItem(atPath: file)
        }
        let count = try await house.database.query("select count(*) from member")[0].decode(0, as: Int.self)
        guard count == each * runs else { throw BenchError(description: "\(count) members came of \(each * runs) rows") }
        try report.figure(
            Self.name, "rows", ours: median(ours), peer: median(peer), peerName: "COPY of the finished rows", unit: "members/s", runs: runs,
            promise: "0.25 x")
        try report.figure(Self.name, "memory of the importer", ours: memory, unit: "MB", runs: runs, promise: "within 256 MB")
    }

    /// Copies new rows of each table out, then in again, into tables with the same constraints and indexes; members a second of the latter.
    /// Half of a file's members, so that the whole work stays within a minute.
    private func copy(_ house: BenchHouse, above: Int64, upTo: Int64) async throws -> Double {
        var pieces: [(table: String, file: [[UInt8]])] = []
        for table in Self.tables {
            let copied = Pieces()
            try await house.database.transaction { transaction in
                try await transaction.copyOut(
                    "select * from \(table) where member_id > \(above) and member_id <= \(upTo)", options: "format binary"
                ) {
                    await copied.add($0)
                }
            }
            _ = try await house.database.query(SQL(raw: "create table if not exists \(table)_copied (like \(table) including all)"))
            pieces.append((table, await copied.rows))
        }
        let start = MonotonicTime.current
        let members = try await house.database.transaction { transaction in
            var copied = 0
            for (table, file) in pieces {
                let rows = try await transaction.copyIn(into: "\(table)_copied") { writer in
                    for piece in file { try await writer.rows(piece) }
                }
                copied = max(copied, rows)
            }
            return copied
        }
        return Double(members) / (MonotonicTime.current - start).secondsValue
    }

    private actor Pieces {
        private var all: [[UInt8]] = []

        func add(_ piece: [UInt8]) { all.append(piece) }

        /// Without the stream's header (19 bytes) and its end (2 bytes), which the writer makes itself.
        var rows: [[UInt8]] {
            var rows = all
            if let last = rows.popLast() {
                if last.count >= 2 || rows.isEmpty {
                    rows.append(last.dropLast(2))
                } else {
                    rows[rows.count - 1].removeLast(2 - last.count)
                }
            }
            if let first = rows.first { rows[0] = Array(first.dropFirst(19)) }
            return rows
        }
    }
}
