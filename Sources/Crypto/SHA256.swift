import COpenSSL

/// SHA-256 (FIPS 180-4), for data that arrives in pieces; `hash` for data at hand.
package struct SHA256: ~Copyable, @unchecked Sendable {  // unchecked: the context has one owner, for the struct cannot be copied
    /// Bytes in a digest.
    package static let digestByteCount = 32

    private let context: OpaquePointer

    package init() {
        context = must(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
        must(EVP_DigestInit_ex2(context, Algorithms.sha256, nil), "EVP_DigestInit_ex2")
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds the next piece.
    package mutating func update(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { must(EVP_DigestUpdate(context, $0.baseAddress, $0.count), "EVP_DigestUpdate") }
    }

    /// Adds the next piece.
    package mutating func update(_ bytes: [UInt8]) { update(bytes.span.bytes) }

    /// The digest of all pieces, 32 bytes.
    package consuming func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.digestByteCount) { buffer, count in
            must(EVP_DigestFinal_ex(context, buffer.baseAddress, nil), "EVP_DigestFinal_ex")
            count = Self.digestByteCount
        }
    }

    /// The digest of `bytes`, 32 bytes.
    package static func hash(_ bytes: RawSpan) -> [UInt8] {
        bytes.withUnsafeBytes { input in
            [UInt8](unsafeUninitializedCapacity: digestByteCount) { buffer, count in
                must(EVP_Digest(input.baseAddress, input.count, buffer.baseAddress, nil, Algorithms.sha256, nil), "EVP_Digest")
                count = digestByteCount
            }
        }
    }

    /// The digest of `bytes`, 32 bytes.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] { hash(bytes.span.bytes) }
}
