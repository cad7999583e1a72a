import COpenSSL

/// The algorithms of libcrypto, fetched once: a fetch by name at each use would cost more than a short hash.
enum Algorithms {
    // unsafe: libcrypto's fetched algorithms are immutable, reference counted with atomics, and made to be shared by threads.
    nonisolated(unsafe) static let sha256 = must(EVP_MD_fetch(nil, "SHA256", nil), "EVP_MD_fetch")
    nonisolated(unsafe) static let hmac = must(EVP_MAC_fetch(nil, "HMAC", nil), "EVP_MAC_fetch")
    nonisolated(unsafe) static let hkdf = must(EVP_KDF_fetch(nil, "HKDF", nil), "EVP_KDF_fetch")
    nonisolated(unsafe) static let aes256GCM = must(EVP_CIPHER_fetch(nil, "AES-256-GCM", nil), "EVP_CIPHER_fetch")
}
