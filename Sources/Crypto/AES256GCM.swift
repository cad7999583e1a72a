import COpenSSL

/// AES-256 in Galois/counter mode (NIST SP 800-38D) with 12-byte nonces and 16-byte tags, on one context that is reused.
///
/// Confined to its caller. With a random nonce one key may seal 2³² messages before a repeated nonce becomes worth thinking about.
package final class AES256GCM {
    package static let keyByteCount = 32
    package static let nonceByteCount = 12
    package static let tagByteCount = 16

    private let context: OpaquePointer

    /// - Parameter key: 32 bytes.
    package init(key: [UInt8]) {
        context = must(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new")
        must(EVP_EncryptInit_ex2(context, Algorithms.aes256GCM, nil, nil, nil), "EVP_EncryptInit_ex2")
        key.withUnsafeBytes { setKey($0) }
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    /// Takes another key, 32 bytes: 0.25 µs, where another context would cost four times that.
    func setKey(_ key: UnsafeRawBufferPointer) {
        precondition(key.count == Self.keyByteCount, "an AES-256 key has 32 bytes")
        must(EVP_EncryptInit_ex2(context, nil, key.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, nil), "EVP_EncryptInit_ex2")
    }

    /// Writes ciphertext and tag to `output`, which has the plaintext's length and 16 bytes more.
    func seal(
        _ plaintext: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) {
        precondition(nonce.count == Self.nonceByteCount, "a nonce has 12 bytes")
        precondition(output.count == plaintext.count + Self.tagByteCount, "the output holds the ciphertext and the tag")
        precondition(plaintext.count <= CInt.max && data.count <= CInt.max, "libcrypto counts in 32 bits")
        let out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var written: CInt = 0
        must(EVP_CipherInit_ex2(context, nil, nil, bytes(nonce), 1, nil), "EVP_CipherInit_ex2")
        if !data.isEmpty { must(EVP_EncryptUpdate(context, nil, &written, bytes(data), CInt(data.count)), "EVP_EncryptUpdate") }
        if !plaintext.isEmpty {
            must(EVP_EncryptUpdate(context, out, &written, bytes(plaintext), CInt(plaintext.count)), "EVP_EncryptUpdate")
        }
        let tag = out.map { $0 + plaintext.count }
        must(EVP_EncryptFinal_ex(context, tag, &written), "EVP_EncryptFinal_ex")
        must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, CInt(Self.tagByteCount), tag), "EVP_CIPHER_CTX_ctrl")
    }

    /// Writes the plaintext of `sealed` (ciphertext and tag) to `output`; false, and nothing to be used in `output`, if it is not
    /// authentic.
    func open(
        _ sealed: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        let count = sealed.count - Self.tagByteCount
        precondition(nonce.count == Self.nonceByteCount, "a nonce has 12 bytes")
        precondition(count >= 0 && output.count == count, "the output has the ciphertext's length")
        precondition(count <= CInt.max && data.count <= CInt.max, "libcrypto counts in 32 bits")
        let out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var written: CInt = 0
        must(EVP_CipherInit_ex2(context, nil, nil, bytes(nonce), 0, nil), "EVP_CipherInit_ex2")
        if !data.isEmpty { must(EVP_DecryptUpdate(context, nil, &written, bytes(data), CInt(data.count)), "EVP_DecryptUpdate") }
        if count > 0 { must(EVP_DecryptUpdate(context, out, &written, bytes(sealed), CInt(count)), "EVP_DecryptUpdate") }
        // libcrypto copies the tag and does not write to it; its parameter only lacks the const.
        let tag = UnsafeMutableRawPointer(mutating: sealed.baseAddress.map { $0 + count })
        must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, CInt(Self.tagByteCount), tag), "EVP_CIPHER_CTX_ctrl")
        var none: UInt8 = 0
        return EVP_DecryptFinal_ex(context, &none, &written) == 1
    }

    @inline(__always)
    private func bytes(_ buffer: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
        buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }
}

extension AES256GCM {
    /// Ciphertext and tag of `plaintext`. The nonce, 12 bytes, must never be used twice with one key.
    package func seal(_ plaintext: [UInt8], nonce: [UInt8], authenticating data: [UInt8]) -> [UInt8] {
        let count = plaintext.count + Self.tagByteCount
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let output = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count)
            plaintext.withUnsafeBytes { plaintext in
                nonce.withUnsafeBytes { nonce in
                    data.withUnsafeBytes { seal(plaintext, nonce: nonce, authenticating: $0, into: output) }
                }
            }
            initialized = count
        }
    }

    /// The plaintext of `sealed` (ciphertext and tag); nil if anything of it was changed.
    package func open(_ sealed: [UInt8], nonce: [UInt8], authenticating data: [UInt8]) -> [UInt8]? {
        let count = sealed.count - Self.tagByteCount
        guard count >= 0 else { return nil }
        var authentic = false
        let plaintext = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let output = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count)
            sealed.withUnsafeBytes { sealed in
                nonce.withUnsafeBytes { nonce in
                    data.withUnsafeBytes { authentic = open(sealed, nonce: nonce, authenticating: $0, into: output) }
                }
            }
            initialized = authentic ? count : 0
        }
        return authentic ? plaintext : nil
    }
}
