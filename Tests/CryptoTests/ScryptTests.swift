import Crypto
import Testing

@Suite struct ScryptTests {
    @Test func `scrypt derives the keys of RFC 7914`() throws {
        let empty = try Scrypt.derive(password: [], salt: [], costN: 16, blockSizeR: 1, parallelismP: 1, count: 64)
        #expect(
            Hex.encode(empty)
                == "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
        )
        let salted = try Scrypt.derive(
            password: Array("password".utf8), salt: Array("NaCl".utf8), costN: 1024, blockSizeR: 8, parallelismP: 16, count: 64)
        #expect(
            Hex.encode(salted)
                == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        )
    }

    @Test(arguments: [(1 << 20, 64 << 20), (1000, 64 << 20), (0, 64 << 20), (1024, 1 << 16), (-2, 64 << 20)])
    func `a cost that makes no sense or goes beyond the memory allowed is refused`(costN: Int, memoryMaxBytes: Int) {
        #expect(throws: CryptoError.tooCostly) {
            try Scrypt.derive(password: [1], salt: [2], costN: costN, blockSizeR: 8, parallelismP: 1, memoryMaxBytes: memoryMaxBytes)
        }
    }
}
