/// Why bytes are not the JSON text (RFC 8259) that this API reads: 400, whatever the schema.
package struct JSONFault: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case syntax, invalidUTF8, tooDeep, duplicateKey }

    package let kind: Kind

    /// Where it was noticed, in bytes from the start.
    package let offset: Int

    /// The object with the key twice, or "".
    package let pointer: String

    var problem: Problem {
        let place = Localized(zh: "位于第 \(offset) 字节", en: "At byte \(offset)")
        switch kind {
        case .syntax: return Problem(HTTPProblem.malformedJSON, detail: place)
        case .invalidUTF8: return Problem(HTTPProblem.invalidUTF8, detail: place)
        case .tooDeep: return Problem(HTTPProblem.tooDeep, detail: place)
        case .duplicateKey:
            let reason = Violation("request.duplicate_key", pointer: pointer, zh: "键重复", en: "The key is given twice")
            return Problem(HTTPProblem.duplicateKey, detail: place, violations: [reason])
        }
    }
}
