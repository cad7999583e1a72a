import COpenSSL

/// A public key of Ed25519 (RFC 8032): it checks signatures and can make none.
package final class PublicKey: @unchecked Sendable {  // unchecked: libcrypto only reads a finished EVP_PKEY, from any thread
    package static let byteCount = 32

    /// The key as it is handed to stations, 32 bytes.
    package let bytes: [UInt8]
    private let key: OpaquePointer

    /// - Parameter bytes: 32 of them.
    package init(bytes: [UInt8]) throws(CryptoError) {
        guard bytes.count == Self.byteCount else { throw .malformed("an Ed25519 public key has 32 bytes") }
        self.bytes = bytes
        key = must(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count), "EVP_PKEY_new_raw_public_key")
    }

    deinit { EVP_PKEY_free(key) }

    /// Whether `signature` is this key's signature of `message`.
    package func verifies(_ signature: RawSpan, of message: RawSpan) -> Bool {
        guard signature.byteCount == SigningKey.signatureByteCount else { return false }
        let context = must(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
        defer { EVP_MD_CTX_free(context) }
        must(EVP_DigestVerifyInit_ex(context, nil, nil, nil, nil, key, nil), "EVP_DigestVerifyInit_ex")
        return signature.withUnsafeBytes { signature in
            message.withUnsafeBytes { message in
                EVP_DigestVerify(
                    context, signature.baseAddress?.assumingMemoryBound(to: UInt8.self), signature.count,
                    message.baseAddress?.assumingMemoryBound(to: UInt8.self), message.count) == 1
            }
        }
    }

    /// Whether `signature` is this key's signature of `message`.
    package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        verifies(signature.span.bytes, of: message.span.bytes)
    }
}
