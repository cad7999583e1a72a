import MemberCode
import Runtime
import TestSupport
import Testing

@Suite struct Base45Tests {
    static let vectors = [("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581"), ("ietf!", "QED8WEX0"), ("", "")]

    @Test(arguments: vectors) func `the examples of RFC 9285 are spelled and read`(plain: String, spelled: String) {
        #expect(Base45.encode(Array(plain.utf8)) == spelled)
        #expect(Base45.decode(spelled) == Array(plain.utf8))
    }

    @Test(arguments: ["GGW", "FGX", ":::", "::", "V5", "bb8", "BB8é", "A", "BB8A", "BB\n", "BB8=", "BB8 ", "\u{0}\u{0}"])
    func `what is beyond the range, outside the alphabet or left over is refused`(text: String) {
        #expect(Base45.decode(text) == nil)
    }

    @Test func `the greatest groups are read`() {
        #expect(Base45.decode("FGW") == [0xFF, 0xFF])
        #expect(Base45.decode("U5") == [0xFF])
    }

    @Test(arguments: SeededGenerator.seeds(10)) func `any bytes come back, and any text that is read is spelled so again`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
        for count in 0..<100 {
            let bytes = random.bytes(count)
            #expect(Base45.decode(Base45.encode(bytes)) == bytes)
            let text = String((0..<count).map { _ in alphabet[Int.random(in: 0..<45, using: &random)] })
            if let read = Base45.decode(text) { #expect(Base45.encode(read) == text) }
        }
    }
}
