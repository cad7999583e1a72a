package import Crypto
import Postgres
import Runtime

/// The end of a batch of links, signed: whoever has no key file can change nothing before it unseen.
///
/// Also what a checkpoint is: the seal in a line of text, kept where the database is not.
package struct AuditSeal: Hashable, Sendable {
    package var chainID: Int16
    package var firstPosition: Int64
    package var lastPosition: Int64
    /// The hash of the link at `lastPosition`, 32 bytes.
    package var lastHash: [UInt8]
    /// Every entry of an older transaction stands at `lastPosition` or before.
    package var horizon: Int64
    package var sealedAtMicroseconds: Int64
    /// Ed25519, 64 bytes.
    package var signature: [UInt8] = []

    /// The key of seals, derived from the key file: the blind index's secret never changes with the other keys.
    package static func key(_ keys: Keys) -> SigningKey {
        let seed = HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation audit seal".utf8), count: SigningKey.seedByteCount)
        do throws(CryptoError) {
            return try SigningKey(seed: seed)
        } catch {
            preconditionFailure("a derived seed has 32 bytes")
        }
    }

    func signed(by key: SigningKey) -> AuditSeal {
        var seal = self
        seal.signature = key.sign(statement)
        return seal
    }

    func isSigned(by key: PublicKey) -> Bool { key.verifies(signature, of: statement) }

    private var statement: [UInt8] {
        var bytes = CanonicalBytes("waystation audit seal 1")
        for number in [Int64(chainID), firstPosition, lastPosition, horizon, sealedAtMicroseconds] { bytes.append(number) }
        bytes.append(lastHash)
        return bytes.bytes
    }

    // MARK: As a line

    /// `2026-11-21T08:00:00.000000Z 1 11-20 4711 hash signature`: when, chain, positions, horizon.
    package var line: String {
        "\(Timestamp(microseconds: sealedAtMicroseconds)) \(chainID) \(firstPosition)-\(lastPosition) \(horizon) "
            + "\(Hex.encode(lastHash)) \(Hex.encode(signature))"
    }

    /// Nil for a line that is damaged or cut.
    package init?(line: Substring) {
        let parts = line.split(separator: " ")
        guard parts.count == 6, let time = Timestamp(dateTime: String(parts[0])), let chainID = Int16(parts[1]),
            let horizon = Int64(parts[3])
        else {
            return nil
        }
        let positions = parts[2].split(separator: "-").compactMap { Int64($0) }
        guard positions.count == 2, let hash = Hex.decode(String(parts[4])), let signature = Hex.decode(String(parts[5])) else {
            return nil
        }
        self.init(
            chainID: chainID, firstPosition: positions[0], lastPosition: positions[1], lastHash: hash, horizon: horizon,
            sealedAtMicroseconds: time.microseconds, signature: signature)
        guard hash.count == 32, signature.count == SigningKey.signatureByteCount, self.line == line else { return nil }
    }

    init(
        chainID: Int16, firstPosition: Int64, lastPosition: Int64, lastHash: [UInt8], horizon: Int64, sealedAtMicroseconds: Int64,
        signature: [UInt8] = []
    ) {
        (self.chainID, self.firstPosition, self.lastPosition, self.lastHash) = (chainID, firstPosition, lastPosition, lastHash)
        (self.horizon, self.sealedAtMicroseconds, self.signature) = (horizon, sealedAtMicroseconds, signature)
    }
}
