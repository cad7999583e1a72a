/// The key of one person's sealed fields: 32 random bytes, kept only wrapped under a master key.
///
/// Deleting the wrapped key makes everything sealed under it unreadable, in every backup of the fields.
package struct DataKey: Sendable {
    static let byteCount = AES256GCM.keyByteCount
    /// Four words instead of an array: an import makes a million of these.
    private(set) var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init(filling fill: (UnsafeMutableRawBufferPointer) -> Void) {
        withUnsafeMutableBytes(of: &words) { fill($0) }
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: words, body)
    }

    /// Whether both are the same key, in constant time.
    func isSame(as other: DataKey) -> Bool {
        withBytes { left in other.withBytes { constantTimeEqual(left.bytes, $0.bytes) } }
    }
}

extension DataKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "DataKey(hidden)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
