package import Crypto

/// What the database keeps of all that a device said, to tell a repeat from another scan under the same request id: an HMAC, cut to 16
/// bytes. A plain hash of it would let a thief of the database try out what was typed (a PIN in the wrong field, a code that was misread)
/// until it fits.
package struct ScanFingerprints: Sendable {
    private let key: HMACKey

    package init(_ keys: Keys) {
        key = HMACKey(HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation scan fingerprint".utf8), count: 32))
    }

    /// 16 bytes.
    func callAsFunction(_ scan: AccessScan) -> [UInt8] { Array(key.authenticate(scan.said).prefix(16)) }
}
