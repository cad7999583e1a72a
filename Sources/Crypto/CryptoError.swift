/// What data can make go wrong here. It never carries a key, a plaintext or a ciphertext.
///
/// A libcrypto that fails by itself (no memory, a broken installation) stops the process instead: to go on without it is worse.
package enum CryptoError: Error, Hashable, Sendable {
    /// Not what it claims to be; the sentence says which rule of the format is broken.
    case malformed(String)
    /// Sealed under a master key that the key file does not hold.
    case unknownKey(UInt16)
    /// Changed, moved from another place, or sealed under another key.
    case notAuthentic
    /// A derivation that would take more memory than it was allowed, or whose cost parameters make no sense.
    case tooCostly
}

/// Stops the process when libcrypto reports a failure that no input can cause.
@inline(__always)
func must(_ result: CInt, _ function: StaticString) {
    precondition(result == 1, "libcrypto failed in \(function)")
}

/// Stops the process when libcrypto does not hand out an object: out of memory, or an installation without the algorithm.
@inline(__always)
func must(_ object: OpaquePointer?, _ function: StaticString) -> OpaquePointer {
    guard let object else { preconditionFailure("libcrypto failed in \(function)") }
    return object
}
