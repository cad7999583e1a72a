import Glibc

/// Lines of cells in columns as wide as what stands in them; a Chinese character is two columns wide.
struct Grid {
    enum Side { case left, right }

    private let sides: [Side]
    private var rows: [[String]] = []

    init(_ sides: [Side]) { self.sides = sides }

    mutating func add(_ cells: [String]) { rows.append(cells) }

    /// - Parameter gap: spaces between columns.
    func lines(indent: Int = 2, gap: Int = 2) -> [String] {
        let widths = sides.indices.map { column in rows.map { column < $0.count ? displayWidth($0[column]) : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = String(repeating: " ", count: indent)
            for (column, cell) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - displayWidth(cell))
                line += (column > 0 ? String(repeating: " ", count: gap) : "") + (sides[column] == .left ? cell + space : space + cell)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

/// Columns of a terminal that a text takes.
func displayWidth(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + displayWidth($1) } }

/// East Asian wide and full-width characters take two (Unicode Standard Annex 11), marks that combine none.
private func displayWidth(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x300...0x36F, 0x200B...0x200F, 0xFE00...0xFE0F: 0
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x1F300...0x1FAFF, 0x20000...0x3FFFD:
        2
    default: 1
    }
}

/// The columns of the terminal on standard output; of `COLUMNS` or 100 where there is none.
func terminalWidth(environment: [String: String]) -> Int {
    var size = winsize()
    if ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return environment["COLUMNS"].flatMap { Int($0) } ?? 100
}

/// A bar of a part of a whole.
func partBar(_ part: Double, width: Int) -> String {
    let filled = min(max(Int((part * Double(width)).rounded()), 0), width)
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
}

/// `12.3 %`.
func percent(_ part: Int, of whole: Int) -> String {
    guard whole > 0 else { return "–" }
    let tenths = Int((Double(part) * 1_000 / Double(whole)).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
}
