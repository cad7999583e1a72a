import COpenSSL

/// scrypt (RFC 7914): a key from a password, dear in time and memory on purpose.
///
/// It takes a tenth of a second and more: never on an event loop, and only as many at once as the memory allows.
package enum Scrypt {
    /// The key derived from `password`.
    ///
    /// The defaults cost what OWASP names as the floor (N = 2¹⁵, r = 8, p = 3) and 32 MiB.
    /// - Parameters:
    ///   - costN: a power of two greater than 1.
    ///   - memoryMaxBytes: the derivation needs about 128 · N · r bytes; above this limit it is refused with `tooCostly`.
    package static func derive(
        password: [UInt8], salt: [UInt8], costN: Int = 1 << 15, blockSizeR: Int = 8, parallelismP: Int = 3, count: Int = 32,
        memoryMaxBytes: Int = 64 << 20
    ) throws(CryptoError) -> [UInt8] {
        precondition(count > 0, "a key has at least one byte")
        guard costN > 1, blockSizeR > 0, parallelismP > 0, memoryMaxBytes > 0 else { throw .tooCostly }
        var derived = false
        let key = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            password.withUnsafeBytes { password in
                // A nil password makes libcrypto answer a question about the parameters instead of deriving.
                let text = password.baseAddress?.assumingMemoryBound(to: CChar.self)
                var nothing: CChar = 0
                derived = withUnsafePointer(to: &nothing) { empty in
                    EVP_PBE_scrypt(
                        text ?? empty, password.count, salt, salt.count, UInt64(costN), UInt64(blockSizeR), UInt64(parallelismP),
                        UInt64(memoryMaxBytes), buffer.baseAddress, count) == 1
                }
            }
            initialized = derived ? count : 0
        }
        guard derived else {
            ERR_clear_error()
            throw .tooCostly
        }
        return key
    }
}
