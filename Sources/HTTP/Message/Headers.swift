/// The header fields of a message: their bytes in one block, and where each name and value stands in it.
///
/// Names are compared without regard to case. A request's block is at most 32 KiB with 100 fields.
package struct Headers: Sendable {
    struct Field: Sendable {
        var nameStart: Int32
        var nameEnd: Int32
        var valueStart: Int32
        var valueEnd: Int32
    }

    private var block: [UInt8]
    private var fields: [Field]

    init(block: [UInt8], fields: [Field]) {
        self.block = block
        self.fields = fields
    }

    /// Fields in the order given; names and values are taken as they are.
    package init(_ pairs: [(String, String)] = []) {
        block = []
        fields = []
        for (name, value) in pairs { append(name, value) }
    }

    package mutating func append(_ name: String, _ value: String) {
        let nameStart = Int32(block.count)
        block.append(contentsOf: name.utf8)
        let valueStart = Int32(block.count)
        block.append(contentsOf: value.utf8)
        fields.append(Field(nameStart: nameStart, nameEnd: valueStart, valueStart: valueStart, valueEnd: Int32(block.count)))
    }

    package var count: Int { fields.count }

    /// The value of the field `name`; several lines of it are joined by a comma (RFC 9110, section 5.3). Nil when it is absent.
    package subscript(name: String) -> String? {
        var found: String?
        let wanted = name.utf8.count
        for field in fields where Int(field.nameEnd - field.nameStart) == wanted && matches(field, name) {
            let value = text(field.valueStart, field.valueEnd)
            found = found.map { $0 + ", " + value } ?? value
        }
        return found
    }

    /// The number of lines of the field `name`.
    package func lines(of name: String) -> Int {
        fields.count { Int($0.nameEnd - $0.nameStart) == name.utf8.count && matches($0, name) }
    }

    /// All fields in their order.
    package var pairs: [(name: String, value: String)] {
        fields.map { (text($0.nameStart, $0.nameEnd), text($0.valueStart, $0.valueEnd)) }
    }

    private func text(_ start: Int32, _ end: Int32) -> String {
        String(decoding: block[Int(start)..<Int(end)], as: UTF8.self)
    }

    private func matches(_ field: Field, _ name: String) -> Bool {
        var index = Int(field.nameStart)
        for byte in name.utf8 {
            if block[index].lowercased != byte.lowercased { return false }
            index += 1
        }
        return true
    }
}
