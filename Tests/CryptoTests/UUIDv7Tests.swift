import Crypto
import FoundationEssentials
import Runtime
import TestSupport
import Testing

@Suite struct UUIDv7Tests {
    @Test func `the example of RFC 9562 is understood`() throws {
        let id = try #require(UUIDv7("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"))
        #expect(id.microseconds / 1000 == 1_645_557_742_000)
        #expect(id.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
        #expect(UUIDv7(bytes: id.bytes) == id)
    }

    @Test(arguments: SeededGenerator.seeds(10)) func `ids are ordered by their microsecond and give it back`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let time = Int64.random(in: 0..<(1 << 48) * 1000 - 1, using: &random)
            let id = UUIDv7(microseconds: time)
            let next = UUIDv7(microseconds: time + 1)
            #expect(id.microseconds == time)
            #expect(id < next)
            #expect(id.bytes.lexicographicallyPrecedes(next.bytes))
            #expect(id.description < next.description)
            #expect(UUIDv7(id.description) == id)
        }
    }

    @Test func `the same microsecond gives different ids`() {
        #expect(Set((0..<1000).map { _ in UUIDv7(microseconds: 1_770_000_000_000_000) }).count == 1000)
    }

    @Test(
        arguments: [
            "", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", "017f22e279b07cc398c4dc0c0c07398f",
            "017f22e2-79b0-4cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-18c4-dc0c0c07398f", "017f22e2-79b0-7cc3-d8c4-dc0c0c07398f",
            "017f22e2-79b07-cc3-98c4-dc0c0c07398f", "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
            "017f22e2-79b0-7cc3-98c4-dc0c0c0739８f", "+17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        ]) func `other versions, variants and spellings are refused`(text: String)
    {
        #expect(UUIDv7(text) == nil)
    }

    @Test func `it travels in JSON as its text`() throws {
        let id = UUIDv7(microseconds: 1_770_000_000_000_000)
        let data = try JSONEncoder().encode([id])
        #expect(String(decoding: data, as: UTF8.self) == "[\"\(id)\"]")
        #expect(try JSONDecoder().decode([UUIDv7].self, from: data) == [id])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([UUIDv7].self, from: Data(#"["x"]"#.utf8)) }
    }
}
