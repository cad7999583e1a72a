extension QRCode {
    /// An SVG image with its quiet zone, one unit a module: it takes the size of its place, and stays crisp in print.
    ///
    /// - Parameter title: what a screen reader says of it.
    package func svg(title: String) -> String {
        let size = side + 2 * Self.quietZone
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size) \(size)" shape-rendering="crispEdges" role="img">\
            <title>\(Self.escaped(title))</title><rect width="\(size)" height="\(size)" fill="#fff"/><path d="\(path)"/></svg>
            """
    }

    /// A rectangle for each run of dark modules in a row, black by default.
    private var path: String {
        let numbers = (0..<side + 2 * Self.quietZone).map { Array(String($0).utf8) }
        var path: [UInt8] = []
        path.reserveCapacity(side * side * 5)
        for row in 0..<side {
            var column = 0
            while column < side {
                guard self[row, column] else {
                    column += 1
                    continue
                }
                let start = column
                while self[row, column] { column += 1 }
                path.append(UInt8(ascii: "M"))
                path += numbers[start + Self.quietZone]
                path.append(UInt8(ascii: " "))
                path += numbers[row + Self.quietZone]
                path.append(UInt8(ascii: "h"))
                path += numbers[column - start]
                path += Self.downAndBack
                path += numbers[column - start]
                path.append(UInt8(ascii: "z"))
            }
        }
        return String(decoding: path, as: UTF8.self)
    }

    private static let downAndBack = Array("v1h-".utf8)

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            // Control characters but the blanks, and the two that are no characters, cannot stand in XML in any form.
            case "\u{0}"..."\u{8}", "\u{B}", "\u{C}", "\u{E}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
