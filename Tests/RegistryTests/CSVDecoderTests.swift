import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct CSVDecoderTests {
    private struct Read: Equatable {
        var line: Int
        var cells: [String]
        var fault: String?
    }

    private func read(_ pieces: [[UInt8]]) -> [Read] {
        var decoder = CSVDecoder()
        var rows = CSVRows()
        for piece in pieces { decoder.decode(piece, into: &rows) }
        decoder.finish(into: &rows)
        return rows.rows.map { row in
            Read(
                line: row.lineNumber,
                cells: row.fault == nil ? (0..<row.cellCount).map { String(decoding: rows.cell(row, $0), as: UTF8.self) } : [],
                fault: row.fault?.code)
        }
    }

    private func read(_ text: String) -> [Read] { read([Array(text.utf8)]) }

    @Test func `commas, quotes and line ends are read as spreadsheets write them`() {
        #expect(
            read("a,b\r\n1,\"x,\"\"y\"\"\r\nz\"\r\n,\n") == [
                Read(line: 1, cells: ["a", "b"]), Read(line: 2, cells: ["1", "x,\"y\"\r\nz"]), Read(line: 4, cells: ["", ""]),
            ])
        #expect(read("a\tb,c\td\n1\t2\t3") == [Read(line: 1, cells: ["a", "b,c", "d"]), Read(line: 2, cells: ["1", "2", "3"])])
        #expect(read("a,b\r1,2\r") == [Read(line: 1, cells: ["a", "b"]), Read(line: 2, cells: ["1", "2"])])
    }

    @Test func `blank lines are no rows and keep the count of lines`() {
        #expect(read("a,b\n\n\n1,2\n\n").map(\.line) == [1, 4])
        #expect(read("") == [])
        #expect(read("\n\r\n") == [])
    }

    @Test func `a quote that never ends is told with its line`() {
        #expect(read("a,b\n1,2\n3,\"4\n5,6").last == Read(line: 3, cells: [], fault: "import.row_quote_unterminated"))
    }

    @Test func `text after a quoted cell spoils its row only`() {
        #expect(read("a,b\n\"1\"x,2\n3,4\n").map(\.fault) == [nil, "import.row_quote_misplaced", nil])
    }

    @Test func `a stray quote takes no more than one row's limit with it`() {
        let good = String(repeating: "1,2\n", count: 40_000)
        let rows = read("a,b\n\"" + good)
        #expect(rows[1] == Read(line: 2, cells: [], fault: "import.row_quote_unterminated"))
        #expect(rows.count > 20_000)
        #expect(rows.last == Read(line: 40_001, cells: ["1", "2"]))
    }

    @Test func `a row without end is refused and the next one is read`() {
        let rows = read("a,b\n" + String(repeating: "x", count: 200_000) + "\n1,2\n")
        #expect(rows.map(\.fault) == [nil, "import.row_too_long", nil])
    }

    @Test(arguments: [",", "\"\",", "x,", "\"\",x,"])
    func `a row of cells without end is refused like a long one, whatever is in them, and takes no memory`(cells: String) {
        var decoder = CSVDecoder()
        var rows = CSVRows()
        let piece = Array(String(repeating: cells, count: 10_000).utf8)
        decoder.decode(Array("a,b\n".utf8), into: &rows)
        for _ in 0..<100 { decoder.decode(piece, into: &rows) }
        #expect(decoder.openByteCount <= CSVDecoder.rowBytesMax + 2)
        decoder.decode(Array("\n1,2\n".utf8), into: &rows)
        decoder.finish(into: &rows)
        #expect(rows.rows.map(\.lineNumber) == [1, 2, 3] && rows.rows[1].fault != nil)
        #expect(rows.byteCount == 4 * (1 + MemoryLayout<Int>.stride))
    }

    @Test func `however the file is cut into pieces, the rows are the same`() {
        let seed = SeededGenerator.seeds(1)[0]
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            let alphabet = Array("ab,\"\n\r\t张".unicodeScalars)
            let text = String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 0...60, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? "a" }))
            let bytes = Array(text.utf8)
            let whole = read([bytes])
            var pieces: [[UInt8]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...max(1, min(7, rest.count)), using: &generator)
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(read(pieces) == whole, "\(text.debugDescription)")
            #expect(read(bytes.map { [$0] }) == whole, "\(text.debugDescription)")
        }
    }

    @Test func `whatever cells hold, what is written is read`() {
        let seed = SeededGenerator.seeds(1)[0]
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let rows = (0..<5).map { _ in
                (0..<3).map { _ in
                    String((0..<Int.random(in: 1...6, using: &generator)).map { _ in "ab,\"\n张 ".randomElement(using: &generator) ?? "a" })
                }
            }
            let text =
                "x,y,z\r\n"
                + rows.map { $0.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",") }.joined(separator: "\r\n")
            #expect(read(text).dropFirst().map(\.cells) == rows)
        }
    }

    @Test func `the result file cannot be made to run a formula`() {
        let rejection = MemberImportRejection(
            lineNumber: 7, ordinal: 1, field: "nationalId", code: MemberFault.nationalIDCharacters.code, firstLineNumber: nil,
            shown: "=cmd****1234")
        #expect(RejectionFile.line(rejection).hasSuffix(",'=cmd****1234\r\n"))
        for start in ["=", "+", "-", "@", "\t", "\r"] {
            #expect(CSVLine.cell(start + "x").contains("'" + start))
        }
        #expect(CSVLine.cell("a\"b,c") == "\"a\"\"b,c\"")
        #expect(read(RejectionFile.header + RejectionFile.line(rejection)).map(\.cells.count) == [7, 7])
    }
}
