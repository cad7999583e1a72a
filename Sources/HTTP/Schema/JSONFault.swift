/// Why bytes are not the JSON text (RFC 8259) that this API reads: 400, whatever the schema.
package struct JSONFault: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case syntax, invalidUTF8, tooDeep, duplicateKey }

    package let kind: Kind

    /// Where it was noticed, in bytes from the start.
    package let offset: Int

    /// The object with the key twice, or "".
    package let pointer: String
}
