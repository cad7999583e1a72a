import Crypto
import Runtime
import TestSupport
import Testing

@Suite struct EncodingTests {
    @Test(arguments: SeededGenerator.seeds(20)) func `hexadecimal and base64url give back what they were given`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for count in 0..<40 {
            let bytes = random.bytes(count)
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
            #expect(Hex.decode(Hex.encode(bytes).uppercased()) == bytes)
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }

    @Test func `base64url spells like RFC 4648 without padding`() {
        let spelled = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map { Base64URL.encode(Array($0.utf8)) }
        #expect(spelled == ["", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"])
        #expect(Base64URL.encode([0xFB, 0xFF, 0xBF]) == "-_-_")
    }

    @Test(arguments: ["Z", "Zh", "Zm9", "Zm8=", "Zm+v", "Zm/v", "Zm9v Yg", "Zm9vY", "é"])
    func `a second spelling or a foreign character is no base64url`(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test(arguments: ["0", "0g", "+1", "0x00", " 00", "é0"]) func `anything but pairs of digits is no hexadecimal`(text: String) {
        #expect(Hex.decode(text) == nil)
    }

    @Test func `secrets compare by all their bytes`() {
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(constantTimeEqual([], []))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
    }

    @Test func `random bytes have the wanted length and differ`() {
        #expect(SecureRandom.bytes(0).isEmpty)
        #expect(SecureRandom.bytes(33).count == 33)
        #expect(SecureRandom.bytes(32) != SecureRandom.bytes(32))
        #expect(SecureRandom.number() != SecureRandom.number())
    }
}
