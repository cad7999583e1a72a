import FoundationEssentials
import Runtime
import TestSupport
import Testing

@testable import HTTP

struct JSONValidatorTests {
    private static let visit = Schema.object(
        "Visit", "A visit",
        [
            .required("name", .string(1...5)),
            .required("age", .integer(0...120)),
            .optional("share", .number(0...1)),
            .optional("kind", .oneOf(["in", "out"])),
            .optional("at", .dateTime),
            .optional("on", .date),
            .optional("key", .uuid),
            .optional("tags", .array(of: .string(1...3), 1...2)),
            .optional("more", .json),
            .optional("counts", .map(of: .integer(0...9))),
            .optional("isNew", .boolean),
        ])

    private func found(_ text: String, _ schema: Schema = visit) throws -> [String] {
        try JSONValidator.violations(of: schema, in: Array(text.utf8)).map { "\($0.pointer ?? "?") \($0.code.dropFirst(8))" }
    }

    private func fault(_ text: String) -> JSONFault.Kind? {
        fault(Array(text.utf8))
    }

    private func fault(_ bytes: [UInt8]) -> JSONFault.Kind? {
        do {
            _ = try JSONValidator.violations(of: .json, in: bytes)
            return nil
        } catch {
            return error.kind
        }
    }

    @Test func `a value that keeps every rule has no violation`() throws {
        let text = """
            {"name":"\\u5f20\\ud83d\\ude00","age":3.0e1,"share":0.5,"kind":"out","at":"2024-02-29T23:59:59.123456Z","on":"2000-02-29",
             "key":"550E8400-e29b-41d4-a716-446655440000","tags":["a","b"],"more":{"x":[null,{}]},"counts":{"a":1},"isNew":true}
            """
        #expect(try found(text) == [])
        #expect(try found("{\"name\":\"a\",\"age\":0,\"share\":null,\"tags\":null}") == [])
    }

    @Test func `every violation is named with its pointer`() throws {
        let text = """
            {"name":"","age":121,"share":1.5,"kind":"up","at":"2023-02-29T00:00:00Z","on":"2000-13-01","key":"x","tags":["",1,"abcd"],
             "counts":{"a/b":10,"c~d":"1"},"isNew":0,"wish":1,"nest":{"a":[1]}}
            """
        #expect(
            try found(text) == [
                "/name wrong_length", "/age out_of_range", "/share out_of_range", "/kind not_an_option", "/at wrong_pattern",
                "/on wrong_pattern", "/key wrong_length", "/tags/0 wrong_length", "/tags/1 wrong_type", "/tags/2 wrong_length",
                "/tags wrong_length", "/counts/a~1b out_of_range", "/counts/c~0d wrong_type", "/isNew wrong_type", "/wish unknown_field",
                "/nest unknown_field",
            ])
        #expect(try found("{}") == ["/name missing_field", "/age missing_field"])
        #expect(try found("[]") == [" wrong_type"])
        #expect(try found("{\"name\":null,\"age\":\"1\"}") == ["/name wrong_type", "/age wrong_type"])
    }

    @Test(arguments: [
        ("9223372036854775807", true), ("-9223372036854775808", true), ("9223372036854775808", false), ("1.5", false), ("1.0", true),
        ("1e2", true), ("1e400", false), ("1E-1", false), ("123456789012345678901234567890", false), ("-0", true),
        ("9007199254740993.0", true),
        ("1e17", false),
    ])
    func `integers are those of Int64, however they are written`(digits: String, fits: Bool) throws {
        #expect(try found(digits, .integer(Int64.min...Int64.max)).isEmpty == fits)
        // What passes here must be taken by the decoder behind it.
        if fits { #expect(throws: Never.self) { try JSON.decode([Int64].self, from: Array("[\(digits)]".utf8)) } }
    }

    @Test(arguments: [
        "", " ", "{", "}", "[1,]", "{\"a\":1,}", "{,}", "[1 2]", "{\"a\" 1}", "{a:1}", "{'a':1}", "tru", "nul", "TRUE", "01", "+1", "1.",
        ".5",
        "1e", "0x1", "NaN", "Infinity", "-", "\"", "\"a", "\"\t\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "1 1", "[1]]", "//c\n1", "/*c*/1", "\u{FEFF}1", "\"a\nb\"",
    ])
    func `what is not RFC 8259 is refused as syntax`(text: String) {
        let kind = fault(text)
        #expect(kind == .syntax || kind == .invalidUTF8, "\(text)")
    }

    @Test(arguments: [
        [0x80], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0xC3], [0xF0, 0x9F, 0x98],
    ])
    func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
        #expect(fault([0x22] + bytes + [0x22]) == .invalidUTF8)
    }

    @Test(arguments: ["\u{FEFF}{}", "“a”", "[“a”]", "{\"a\":张}"])
    func `a sign that JSON does not know is a matter of syntax, not of encoding`(text: String) {
        #expect(fault(text) == .syntax)
    }

    @Test func `a key given twice is refused at any depth, however it is written`() {
        #expect(fault("{\"a\":1,\"a\":2}") == .duplicateKey)
        #expect(fault("[{\"x\":{\"a\":1,\"\\u0061\":2}}]") == .duplicateKey)
        #expect(throws: JSONFault.self) { try found("{\"name\":\"a\",\"n\\u0061me\":\"b\",\"age\":1}") }
        #expect(fault("{\"a\":1,\"b\":{\"a\":2}}") == nil)
    }

    @Test(arguments: [(63, true), (64, true), (65, false)])
    func `nesting of 64 is read, deeper is refused`(depth: Int, fits: Bool) {
        let arrays = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect((fault(arrays) == nil) == fits)
        let objects = String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
        #expect((fault(objects) == nil) == fits)
        #expect(fault(String(repeating: "[", count: 100_000)) == .tooDeep)
    }

    @Test func `NUL and lengths are judged on what a string stands for`() throws {
        #expect(try found("\"\\u0000\"", .string(0...5)) == [" control_character"])
        #expect(try found("\"\\u0000\"", .anySigns(0...5)) == [" wrong_pattern"])
        #expect(try found("\"a\\u202eb\"", .string(0...5)) == [" control_character"])
        #expect(try found("\"a\\u001db\"", .anySigns(0...5)) == [])
        #expect(try found("\"\\ud83d\\ude00\\n\"", .string(2...2)) == [])
        #expect(try found("\"张三\"", .string(2...2)) == [])
    }

    @Test func `at most a hundred violations are named`() throws {
        let text = "[" + Array(repeating: "\"x\"", count: 1_000).joined(separator: ",") + "]"
        #expect(try found(text, .array(of: .id, 0...2_000)).count == JSONValidator.violationsMax)
    }

    @Test func `random JSON that Foundation writes is read without violations and damage never traps`() throws {
        let seed = SeededGenerator.seeds(1)[0]
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var bytes = JSONTree.random(depth: 4, &generator).encoded
            #expect(fault(bytes) == nil, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
            for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator) }
            let isValid = fault(bytes) == nil
            // What is valid here is valid for Foundation too, which is more lenient, not less.
            if isValid { #expect(throws: Never.self, "seed \(seed)") { try JSON.decode(Anything.self, from: bytes) } }
        }
    }
}

/// Decodes whatever is there.
private struct Anything: Decodable {
    init(from decoder: any Decoder) throws {}
}

extension JSONTree {
    fileprivate static func random(depth: Int, _ generator: inout SeededGenerator) -> JSONTree {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &generator) {
        case 0: return .integer(Int64.random(in: Int64.min...Int64.max, using: &generator))
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .number(Double.random(in: -1e6...1e6, using: &generator))
        case 3: return .string(String((0..<5).map { _ in "aé张😀\"\\\n\t\u{1}/".randomElement(using: &generator) ?? "a" }))
        case 4: return .array((0..<3).map { _ in random(depth: depth - 1, &generator) })
        default: return .object((0..<3).map { ("k\($0)", random(depth: depth - 1, &generator)) })
        }
    }
}
