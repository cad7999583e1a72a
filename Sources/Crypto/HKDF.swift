import COpenSSL

/// HKDF with SHA-256 (RFC 5869): independent keys out of one secret.
package enum HKDF {
    /// The key named by `info`.
    ///
    /// - Parameters:
    ///   - salt: may stay empty.
    ///   - count: bytes wanted, 1 to 8160.
    package static func derive(secret: [UInt8], salt: [UInt8] = [], info: [UInt8], count: Int) -> [UInt8] {
        precondition((1...255 * SHA256.digestByteCount).contains(count), "HKDF-SHA256 derives 1 to 8160 bytes")
        let context = must(EVP_KDF_CTX_new(Algorithms.hkdf), "EVP_KDF_CTX_new")
        defer { EVP_KDF_CTX_free(context) }
        var settings: [Parameter] = [
            .text(OSSL_KDF_PARAM_DIGEST, "SHA256"),
            .bytes(OSSL_KDF_PARAM_KEY, secret),
            .bytes(OSSL_KDF_PARAM_INFO, info),
        ]
        // An absent salt and an empty one mean the same, but libcrypto takes only the former.
        if !salt.isEmpty { settings.append(.bytes(OSSL_KDF_PARAM_SALT, salt)) }
        return withParameters(settings) { parameters in
            [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                must(EVP_KDF_derive(context, buffer.baseAddress, count, parameters), "EVP_KDF_derive")
                initialized = count
            }
        }
    }
}
