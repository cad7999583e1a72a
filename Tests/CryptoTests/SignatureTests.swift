import Crypto
import Testing

@Suite struct SignatureTests {
    static let vectors: [(seed: String, publicKey: String, message: String, signature: String)] = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ]

    @Test(arguments: vectors) func `Ed25519 makes and accepts the signatures of RFC 8032`(
        seed: String, publicKey: String, message: String, signature: String
    ) throws {
        let message = try #require(Hex.decode(message))
        let key = try SigningKey(seed: try #require(Hex.decode(seed)))
        #expect(Hex.encode(key.publicKey.bytes) == publicKey)
        #expect(Hex.encode(key.sign(message)) == signature)
        let outside = try PublicKey(bytes: try #require(Hex.decode(publicKey)))
        #expect(outside.verifies(try #require(Hex.decode(signature)), of: message))
    }

    @Test func `every flipped bit of a signature or its message is refused`() throws {
        let key = try SigningKey(seed: SecureRandom.bytes(32))
        let message = Array("a door, a second, a member".utf8)
        let signature = key.sign(message)
        for bit in 0..<signature.count * 8 {
            #expect(!key.publicKey.verifies(flipped(signature, bit), of: message))
        }
        for bit in 0..<message.count * 8 {
            #expect(!key.publicKey.verifies(signature, of: flipped(message, bit)))
        }
    }

    @Test func `keys and signatures of a wrong length are refused`() throws {
        #expect(throws: CryptoError.self) { try SigningKey(seed: [1, 2, 3]) }
        #expect(throws: CryptoError.self) { try PublicKey(bytes: [UInt8](repeating: 0, count: 33)) }
        let key = try SigningKey(seed: SecureRandom.bytes(32))
        #expect(!key.publicKey.verifies(Array(key.sign([1]).dropLast()), of: [1]))
        #expect(!key.publicKey.verifies([], of: [1]))
    }
}

/// A copy with one bit changed.
func flipped(_ bytes: [UInt8], _ bit: Int) -> [UInt8] {
    var changed = bytes
    changed[bit / 8] ^= 1 << UInt8(bit % 8)
    return changed
}
