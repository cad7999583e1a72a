import Allocation

/// The file of sessions: `session`, `capacity`, and for mode `local` `area` and `floors`, in any order of columns and rows.
struct SessionsTable {
    enum Column: String, CaseIterable { case session, capacity, area, floors }

    /// By rising name, compared byte by byte: so the order of the rows means nothing.
    private(set) var sessions: [Session] = []
    /// The line of each.
    private(set) var lines: [Int] = []
    private(set) var names = NameTable()

    /// The largest number of seats or places that is taken for one.
    static let numberMax = 1_000_000_000

    init(_ file: String, _ rows: Rows, _ program: Program) throws(FileFaults) {
        var table = try Table<Column>(file, rows, needed: [.session, .capacity])
        var read: [(session: Session, line: Int)] = []
        while table.next() {
            var session = Session(name: "", capacity: 0)
            for index in table.columns.indices {
                switch table.columns[index] {
                case .session:
                    if isName(Array(table.rows.bytes[table.start(index)..<table.end(index)])) {
                        session.name = table.text(index)
                    } else {
                        table.fault(.form(.nameInvalid), index)
                    }
                case .capacity: session.capacity = table.number(index, 0...Self.numberMax) ?? 0
                case .area:
                    if !table.isEmpty(index) { session.area = table.number(index, 0...Int(UInt32.max) - 1).map { UInt32($0) } }
                case .floors:
                    if !table.isEmpty(index) { session.floorSizes = Self.floors(&table, index, program) }
                }
            }
            read.append((session, table.rows.line))
        }
        try table.faults.check()
        read.sort {
            $0.session.name.utf8.lexicographicallyPrecedes($1.session.name.utf8)
                || ($0.session.name == $1.session.name && $0.line < $1.line)
        }
        sessions = read.map(\.session)
        lines = read.map(\.line)
        names = NameTable(capacity: sessions.count)
        for session in sessions {
            let name = Array(session.name.utf8)
            _ = names.insert(name.span, 0, name.count)
        }
    }

    /// One size a floor of the program: those not named are 0.
    private static func floors(_ table: inout Table<Column>, _ index: Int, _ program: Program) -> [Int] {
        guard program.mode == .local else {
            table.fault(.form(.sessionFloorsNeedLocal), index)
            return []
        }
        var sizes = [Int](repeating: 0, count: program.floors.count)
        var named: Set<Int> = []
        for part in table.text(index).split(separator: "|", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false)
            guard pair.count == 2, let group = program.groups.firstIndex(of: String(pair[0])),
                let floor = program.floors.firstIndex(where: { $0.group == group }), named.insert(floor).inserted,
                let size = Int(pair[1]), (0...numberMax).contains(size)
            else {
                table.fault(.form(.floorInvalid), index, detail: shown(part.utf8))
                return []
            }
            sizes[floor] = size
        }
        return sizes
    }
}
