import Runtime
import TestSupport
import Testing

@testable import HTTP

/// Values that read themselves, beside Foundation's decoder.
struct JSONReaderTests {
    private struct Sample: Codable, Equatable, DirectlyReadable {
        var count: Int64
        var list: [Int32]
        var text: String?

        init(count: Int64, list: [Int32], text: String?) {
            self.count = count
            self.list = list
            self.text = text
        }

        init?(from json: inout JSONReader) {
            var count: Int64?
            var list: [Int32]?
            var text: String?
            let isRead = json.object { key, json in
                switch key {
                case "count":
                    count = json.integer()
                    return count != nil
                case "list":
                    var read: [Int32] = []
                    let isArray = json.array { json in
                        guard let number = json.integer().flatMap({ Int32(exactly: $0) }) else { return false }
                        read.append(number)
                        return true
                    }
                    list = read
                    return isArray
                case "text":
                    text = json.string()
                    return text != nil
                default: return false
                }
            }
            guard isRead, let count, let list else { return nil }
            self.init(count: count, list: list, text: text)
        }

        static let schema = Schema.object(
            "Sample", "A sample",
            [
                .required("count", .integer(Int64.min...Int64.max)), .required("list", .array(of: .integer(-9...70_000), 0...9)),
                .optional("text", .string(0...100)),
            ])
    }

    private static func isLetThrough(_ bytes: [UInt8]) -> Bool {
        do { return try JSONValidator.violations(of: Sample.schema, in: bytes).isEmpty } catch { return false }
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `what is read is what the decoder reads`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let numbers = ["0", "-0", "7", "-3", "1.0", "1e2", "70000", "9223372036854775807", "-9223372036854775808"]
        let texts = ["\"\"", "\"a\"", "\"驿站\"", "\"\\n\"", "\"\\u0041\"", "null"]
        let others = [
            "07", "9223372036854775808", "true", "[", "]", "{", "}", ",", ":", " ", "\n", "\"count\"", "\"c\\u006funt\"", "[1,2,3]",
            "\"count\":1", "\"list\":[]",
        ]
        var letThrough = 0
        for _ in 0..<2_000 {
            func one(of pieces: [String]) -> String {
                let isFitting = Int.random(in: 0..<8, using: &random) > 0
                return (isFitting ? pieces : others).randomElement(using: &random) ?? ""
            }
            let key = one(of: ["\"count\"", "\"count\" ", "\"c\\u006funt\""])
            let list = (0..<Int.random(in: 0..<3, using: &random)).map { _ in one(of: numbers) }.joined(separator: ",")
            var text = "{\(key):\(one(of: numbers)),\"list\":[\(list)],\"text\":\(one(of: texts))}"
            if Int.random(in: 0..<4, using: &random) == 0 {
                // Somewhere a piece is put in, or a sign is lost.
                let place = text.index(text.startIndex, offsetBy: Int.random(in: 0..<text.count, using: &random))
                if Bool.random(using: &random) { text.insert(contentsOf: one(of: others), at: place) } else { text.remove(at: place) }
            }
            let bytes = Array(text.utf8)
            guard Self.isLetThrough(bytes) else { continue }
            letThrough += 1
            let decoded = try JSON.decode(Sample.self, from: bytes)
            #expect(try JSON.read(Sample.self, from: bytes) == decoded, "seed \(seed): \(text)")
            if let read = JSON.readDirectly(Sample.self, from: bytes) { #expect(read == decoded, "seed \(seed): \(text)") }
        }
        #expect(letThrough > 100, "seed \(seed)")
    }

    @Test(
        arguments: [
            ("{\"count\":1,\"list\":[1,2]}", Sample(count: 1, list: [1, 2], text: nil)),
            (" { \"text\" : \"驿站\" ,\n\"list\":[ ] , \"count\":-12 } ", Sample(count: -12, list: [], text: "驿站")),
            ("{\"count\":9223372036854775807,\"list\":[0],\"text\":\"\"}", Sample(count: .max, list: [0], text: "")),
        ])
    private func `what is written plainly needs no decoder`(text: String, sample: Sample) {
        #expect(JSON.readDirectly(Sample.self, from: Array(text.utf8)) == sample)
    }

    @Test(
        arguments: [
            "", "{", "{}", "{\"count\":1}", "{\"count\":1,\"list\":[1,]}", "{\"count\":1,\"list\":[1 2]}", "{\"count\":1,\"list\":[]}x",
            "{\"count\":1,\"list\":[],}", "{\"count\":1.0,\"list\":[]}", "{\"count\":1,\"list\":[],\"text\":null}",
            "{\"count\":1,\"list\":[],\"text\":\"\\n\"}", "{\"count\":1,\"list\":[],\"other\":1}",
            "{\"count\":99999999999999999999,\"list\":[]}",
        ])
    func `everything else is left to the decoder`(text: String) {
        #expect(JSON.readDirectly(Sample.self, from: Array(text.utf8)) == nil)
    }
}
