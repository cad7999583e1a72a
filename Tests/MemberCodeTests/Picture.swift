import MemberCode

/// A code with its quiet zone as dark and light modules, got back from what was drawn.
struct Picture {
    let side: Int
    private(set) var modules: [Bool]

    init(_ code: QRCode) {
        side = code.side + 2 * QRCode.quietZone
        modules = []
        for row in 0..<side {
            for column in 0..<side { modules.append(code[row - QRCode.quietZone, column - QRCode.quietZone]) }
        }
    }

    /// Reads the view box and the path's rectangles, "M4 4h7v1h-7z".
    init(svg: String) {
        side = Self.numbers(Self.text(in: svg, after: "viewBox=\"0 0 ")).first ?? 0
        modules = [Bool](repeating: false, count: side * side)
        for rectangle in Self.text(in: svg, after: " d=\"").split(separator: "M") {
            let numbers = Self.numbers(rectangle)
            for column in numbers[0]..<numbers[0] + numbers[2] { modules[numbers[1] * side + column] = true }
        }
    }

    /// What stands between the last `mark` and the quotation mark that follows it.
    private static func text(in svg: String, after mark: String) -> Substring {
        guard let start = svg.ranges(of: mark).last?.upperBound else { return "" }
        return svg[start...].prefix { $0 != "\"" }
    }

    private static func numbers(_ text: Substring) -> [Int] {
        text.split { !$0.isNumber }.compactMap { Int($0) }
    }

    /// Reads half blocks.
    init(terminal: String, darkIsDrawn: Bool, side: Int) {
        self.side = side
        modules = [Bool](repeating: !darkIsDrawn, count: side * side)
        for (line, text) in terminal.split(separator: "\n").enumerated() {
            let blocks = text.filter { " █▀▄".contains($0) }
            for (column, block) in blocks.enumerated() {
                modules[line * 2 * side + column] = "█▀".contains(block) == darkIsDrawn
                if line * 2 + 1 < side { modules[(line * 2 + 1) * side + column] = "█▄".contains(block) == darkIsDrawn }
            }
        }
    }

    /// Turns over all modules of a rectangle.
    mutating func stain(rows: Range<Int>, columns: Range<Int>) {
        for row in rows {
            for column in columns { modules[row * side + column].toggle() }
        }
    }

    /// A portable graymap, `scale` pixels a module.
    func graymap(scale: Int) -> [UInt8] {
        var bytes = Array("P5 \(side * scale) \(side * scale) 255\n".utf8)
        for row in 0..<side {
            var line: [UInt8] = []
            for column in 0..<side { line += [UInt8](repeating: modules[row * side + column] ? 0 : 255, count: scale) }
            for _ in 0..<scale { bytes += line }
        }
        return bytes
    }
}
