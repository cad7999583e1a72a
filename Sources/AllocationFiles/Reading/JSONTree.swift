/// A JSON text (RFC 8259) as a tree whose every value knows its line, for refusals that name it. Numbers are whole.
struct JSONTree {
    enum Value {
        case null
        case bool(Bool)
        case number(Int)
        case text(String)
        case list([JSONTree])
        /// As they stand, so that a key given twice is seen.
        case object([(key: String, line: Int, value: JSONTree)])
    }

    /// Where the text stops being JSON.
    struct Fault: Error {
        let line: Int
        let detail: String
    }

    let value: Value
    let line: Int

    init(_ bytes: [UInt8]) throws(Fault) {
        guard isValidUTF8(bytes) else { throw Fault(line: 1, detail: "UTF-8") }
        var reader = JSONReader(bytes)
        self = try reader.document()
    }

    fileprivate init(_ value: Value, _ line: Int) {
        self.value = value
        self.line = line
    }
}

private struct JSONReader {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1

    /// Rules are four levels deep.
    private static let depthMax = 16

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    }

    mutating func document() throws(JSONTree.Fault) -> JSONTree {
        let tree = try value(depth: 0)
        skipSpace()
        if index < bytes.count { throw fault() }
        return tree
    }

    private func fault() -> JSONTree.Fault {
        guard index < bytes.count else { return JSONTree.Fault(line: line, detail: "…") }
        return JSONTree.Fault(line: line, detail: shown(bytes[index...].prefix { $0 >= 32 }.prefix(12)))
    }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
            default: return
            }
            index += 1
        }
    }

    private func peek(_ character: Unicode.Scalar) -> Bool { index < bytes.count && bytes[index] == UInt8(ascii: character) }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard peek(character) else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONTree.Fault) -> JSONTree {
        skipSpace()
        let start = line
        guard index < bytes.count, depth < Self.depthMax else { throw fault() }
        switch bytes[index] {
        case UInt8(ascii: "{"): return JSONTree(.object(try object(depth)), start)
        case UInt8(ascii: "["): return JSONTree(.list(try list(depth)), start)
        case UInt8(ascii: "\""): return JSONTree(.text(try text()), start)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return JSONTree(.number(try number()), start)
        default:
            for (word, value) in [("true", .bool(true)), ("false", .bool(false)), ("null", .null)] as [(String, JSONTree.Value)]
            where bytes[index...].starts(with: word.utf8) {
                index += word.utf8.count
                return JSONTree(value, start)
            }
            throw fault()
        }
    }

    private mutating func object(_ depth: Int) throws(JSONTree.Fault) -> [(key: String, line: Int, value: JSONTree)] {
        index += 1
        var members: [(key: String, line: Int, value: JSONTree)] = []
        if take("}") { return members }
        repeat {
            skipSpace()
            let start = line
            guard peek("\"") else { throw fault() }
            let key = try text()
            guard take(":") else { throw fault() }
            members.append((key, start, try value(depth: depth + 1)))
        } while take(",")
        guard take("}") else { throw fault() }
        return members
    }

    private mutating func list(_ depth: Int) throws(JSONTree.Fault) -> [JSONTree] {
        index += 1
        var elements: [JSONTree] = []
        if take("]") { return elements }
        repeat { elements.append(try value(depth: depth + 1)) } while take(",")
        guard take("]") else { throw fault() }
        return elements
    }

    private mutating func number() throws(JSONTree.Fault) -> Int {
        let start = index
        if peek("-") { index += 1 }
        while index < bytes.count, bytes[index] &- 0x30 < 10 { index += 1 }
        let digits = bytes[start..<index]
        let isWhole = !(peek(".") || peek("e") || peek("E"))
        guard isWhole, digits.count <= 16, let value = Int(String(decoding: digits, as: UTF8.self)) else {
            index = start
            throw fault()
        }
        return value
    }

    private mutating func text() throws(JSONTree.Fault) -> String {
        index += 1
        var units: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return String(decoding: units, as: UTF8.self)
            case UInt8(ascii: "\\"): units += Array(String(try escaped()).utf8)
            case 0..<32: throw fault()
            default:
                units.append(byte)
                index += 1
            }
        }
        throw fault()
    }

    private static let escapes: [UInt8: Unicode.Scalar] = [
        UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{C}",
        UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]

    private mutating func escaped() throws(JSONTree.Fault) -> Character {
        guard index + 1 < bytes.count else { throw fault() }
        if let scalar = Self.escapes[bytes[index + 1]] {
            index += 2
            return Character(scalar)
        }
        let high = try unit()
        if let scalar = Unicode.Scalar(high) { return Character(scalar) }
        let low = try unit()
        guard high < 0xDC00, (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { throw fault() }
        return Character(scalar)
    }

    /// The four digits of `\uXXXX`.
    private mutating func unit() throws(JSONTree.Fault) -> UInt32 {
        guard index + 5 < bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u"),
            bytes[index + 2] != UInt8(ascii: "+"),
            let unit = UInt32(String(decoding: bytes[index + 2..<index + 6], as: UTF8.self), radix: 16)
        else { throw fault() }
        index += 6
        return unit
    }
}
