import COpenSSL

/// A private key of Ed25519 (RFC 8032).
package final class SigningKey: @unchecked Sendable {  // unchecked: libcrypto only reads a finished EVP_PKEY, from any thread
    package static let seedByteCount = 32
    package static let signatureByteCount = 64

    /// The key that checks this key's signatures.
    package let publicKey: PublicKey
    private let key: OpaquePointer

    /// - Parameter seed: 32 random bytes, the whole secret.
    package init(seed: [UInt8]) throws(CryptoError) {
        guard seed.count == Self.seedByteCount else { throw .malformed("an Ed25519 seed has 32 bytes") }
        let made = must(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count), "EVP_PKEY_new_raw_private_key")
        var count = PublicKey.byteCount
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            must(EVP_PKEY_get_raw_public_key(made, buffer.baseAddress, &count), "EVP_PKEY_get_raw_public_key")
            initialized = count
        }
        publicKey = try PublicKey(bytes: bytes)
        key = made
    }

    deinit { EVP_PKEY_free(key) }

    /// The signature of `message`, 64 bytes.
    package func sign(_ message: RawSpan) -> [UInt8] {
        let context = must(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
        defer { EVP_MD_CTX_free(context) }
        must(EVP_DigestSignInit_ex(context, nil, nil, nil, nil, key, nil), "EVP_DigestSignInit_ex")
        return message.withUnsafeBytes { message in
            [UInt8](unsafeUninitializedCapacity: Self.signatureByteCount) { buffer, initialized in
                initialized = Self.signatureByteCount
                let start = message.baseAddress?.assumingMemoryBound(to: UInt8.self)
                must(EVP_DigestSign(context, buffer.baseAddress, &initialized, start, message.count), "EVP_DigestSign")
            }
        }
    }

    /// The signature of `message`, 64 bytes.
    package func sign(_ message: [UInt8]) -> [UInt8] { sign(message.span.bytes) }
}
