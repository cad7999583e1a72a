/// How a sealed value is laid out: version (1 byte), algorithm (1), key id (2, big endian), nonce (12), ciphertext, tag (16).
///
/// Algorithm and key id stand in every envelope, so that either can be replaced while old rows still open.
package enum SealedEnvelope {
    /// What an envelope adds to its plaintext, in bytes.
    package static let overheadByteCount = Header.byteCount + AES256GCM.nonceByteCount + AES256GCM.tagByteCount
    /// The key id of what is sealed under a data key. Master keys have ids from 1.
    package static let dataKeyID: UInt16 = 0

    /// The master key that `envelope` was sealed under; `dataKeyID` if it was a data key; nil if it is no envelope.
    package static func keyID(of envelope: [UInt8]) -> UInt16? {
        envelope.withUnsafeBytes { Parts($0)?.header.keyID }
    }

    /// The first four bytes.
    struct Header {
        static let byteCount = 4
        static let version: UInt8 = 1
        static let algorithm: UInt8 = 1  // AES-256-GCM with a random 12-byte nonce
        let keyID: UInt16

        func write(to buffer: UnsafeMutableRawBufferPointer) {
            buffer[0] = Self.version
            buffer[1] = Self.algorithm
            buffer[2] = UInt8(keyID >> 8)
            buffer[3] = UInt8(keyID & 0xFF)
        }
    }

    /// The pieces of an envelope, pointing into it.
    struct Parts {
        let header: Header
        let nonce: UnsafeRawBufferPointer
        /// Ciphertext and tag.
        let sealed: UnsafeRawBufferPointer

        /// Nil if it is too short, or of a version or algorithm unknown here.
        init?(_ envelope: UnsafeRawBufferPointer) {
            guard envelope.count >= overheadByteCount, envelope[0] == Header.version, envelope[1] == Header.algorithm else { return nil }
            header = Header(keyID: UInt16(envelope[2]) << 8 | UInt16(envelope[3]))
            let nonceEnd = Header.byteCount + AES256GCM.nonceByteCount
            nonce = UnsafeRawBufferPointer(rebasing: envelope[Header.byteCount..<nonceEnd])
            sealed = UnsafeRawBufferPointer(rebasing: envelope[nonceEnd...])
        }
    }
}
