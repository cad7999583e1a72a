import Crypto
import Runtime
import TestSupport
import Testing

@Suite struct HashTests {
    static let vectors: [(String, String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]

    @Test(arguments: vectors) func `SHA-256 gives the digests of FIPS 180-4`(text: String, digest: String) {
        #expect(Hex.encode(SHA256.hash(Array(text.utf8))) == digest)
    }

    @Test(arguments: SeededGenerator.seeds(20)) func `a digest does not depend on how the data is cut`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let data = random.bytes(Int.random(in: 0...500, using: &random))
        var hash = SHA256()
        var rest = data[...]
        while !rest.isEmpty {
            let count = Int.random(in: 0...rest.count, using: &random)
            hash.update(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        #expect(hash.finish() == SHA256.hash(data))
    }

    static let authenticationVectors: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(1...25), [UInt8](repeating: 0xCD, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        ([], [], "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ]

    @Test(arguments: authenticationVectors) func `HMAC gives the codes of RFC 4231, again and again from one key`(
        key: [UInt8], message: [UInt8], code: String
    ) {
        let prepared = HMACKey(key)
        for _ in 0..<3 {
            #expect(Hex.encode(prepared.authenticate(message)) == code)
            #expect(prepared.authenticate64(message.span.bytes) == UInt64(code.prefix(16), radix: 16))
            _ = prepared.authenticate(Array("something else in between".utf8))
        }
    }

    @Test func `one HMAC key serves many threads at once`() async {
        let key = HMACKey(SecureRandom.bytes(32))
        let messages = (0..<64).map { [UInt8](repeating: $0, count: Int($0)) }
        let expected = messages.map(key.authenticate)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { @concurrent in (0..<50).allSatisfy { _ in messages.map(key.authenticate) == expected } }
            }
            for await right in group { #expect(right) }
        }
    }

    @Test func `HKDF derives the keys of RFC 5869`() {
        let secret = [UInt8](repeating: 0x0B, count: 22)
        let first = HKDF.derive(secret: secret, salt: Array(0...12), info: Array(0xF0...0xF9), count: 42)
        #expect(Hex.encode(first) == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
        let third = HKDF.derive(secret: secret, info: [], count: 42)
        #expect(Hex.encode(third) == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")
    }

    @Test func `a blind index is equal for equal values of one field only`() {
        let phone = BlindIndex(secret: [UInt8](repeating: 1, count: 32), field: "member.phone")
        let again = BlindIndex(secret: [UInt8](repeating: 1, count: 32), field: "member.phone")
        let name = BlindIndex(secret: [UInt8](repeating: 1, count: 32), field: "member.name")
        let foreign = BlindIndex(secret: [UInt8](repeating: 2, count: 32), field: "member.phone")
        #expect(phone("13800005678") == again("13800005678"))
        #expect(phone("13800005678").count == 32)
        #expect(Set([phone("13800005678"), phone("13800005679"), name("13800005678"), foreign("13800005678")]).count == 4)
    }
}
