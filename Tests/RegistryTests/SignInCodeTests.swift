import Crypto
import Runtime
import TestSupport
import Testing

@testable import Registry

struct SignInCodeTests {
    @Test(arguments: SeededGenerator.seeds(5))
    func `a code is six digits, each of the million equally often, and says nothing when printed`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var digits = [Int](repeating: 0, count: 10)
        for _ in 0..<20_000 {
            let code = SignInCode.random(using: &generator)
            #expect(code.text.utf8.count == 6 && code.text.allSatisfy(\.isASCII))
            #expect("\(code)" == "******" && String(reflecting: code) == "******")
            for digit in code.text.utf8 { digits[Int(digit - 0x30)] += 1 }
        }
        // Each digit is expected 12,000 times with a deviation of 104: six of them are a fault, not chance.
        for count in digits { #expect(abs(count - 12_000) < 624) }
    }

    @Test(arguments: SeededGenerator.seeds(5))
    func `a code is read as people type it`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<1_000 {
            let code = SignInCode.random(using: &generator)
            var typed = ""
            for character in code.text {
                if generator.chance(20) { typed += [" ", "-"].randomElement(using: &generator) ?? "" }
                let scalar = try #require(character.unicodeScalars.first)
                typed += generator.chance(30) ? String(try #require(Unicode.Scalar(scalar.value - 0x30 + 0xFF10))) : String(character)
            }
            #expect(SignInCode(typed) == code, "\(typed)")
        }
    }

    @Test(arguments: ["", "12345", "1234567", "12345a", "１２３４５", "-12345", "0x1234", "123 45", "１２３４５６７", "abcdef"])
    func `what is no code is none`(text: String) {
        #expect(SignInCode(text) == nil)
    }

    @Test(arguments: SeededGenerator.seeds(3))
    func `a digest is of one code for one number under one key file`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let keys = (HMACKey(generator.bytes(32)), HMACKey(generator.bytes(32)))
        let numbers = (generator.bytes(32), generator.bytes(32))
        let code = SignInCode.random(using: &generator)
        var other = code
        while other == code { other = SignInCode.random(using: &generator) }
        let digest = code.digest(keys.0, phoneIndex: numbers.0)
        #expect(digest == code.digest(keys.0, phoneIndex: numbers.0) && digest.count == 32)
        #expect(digest != code.digest(keys.0, phoneIndex: numbers.1))
        #expect(digest != code.digest(keys.1, phoneIndex: numbers.0))
        #expect(digest != other.digest(keys.0, phoneIndex: numbers.0))
    }
}
