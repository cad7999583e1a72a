import Testing

@testable import HTTP

/// Values that write themselves, beside Foundation's encoder.
struct JSONWriterTests {
    private struct Part: Codable {
        let number: Int64
        let text: String
    }

    private struct Sample: Codable, DirectJSON {
        var absent: String?
        var isTrue = true
        let list: [String]
        let none: [Int32]
        let part: Part
        let parts: [String: Part]
        let text: String

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("absent", absent)
                json.member("isTrue", isTrue)
                json.member("list", elements: { json in for text in list { json.value(text) } })
                json.member("none", elements: { json in for number in none { json.value(Int64(number)) } })
                json.member("part", members: { Self.write(part, &$0) })
                json.member(
                    "parts",
                    members: { json in
                        for (name, part) in parts.sorted(by: { $0.key < $1.key }) { json.member(name, members: { Self.write(part, &$0) }) }
                    })
                json.member("text", text)
            }
        }

        private static func write(_ part: Part, _ json: inout JSONWriter) {
            json.member("number", part.number)
            json.member("text", part.text)
        }
    }

    @Test(
        arguments: [
            "", "plain", "苏州·驿站 🛵", "\"quoted\" \\ back/slash", "\u{0}\u{1}\u{8}\t\n\u{B}\u{C}\r\u{1F}\u{7F}\u{80}\u{2028}", "e\u{301}",
        ])
    func `the bytes are those of the encoder`(text: String) throws {
        for absent in [nil, text] {
            let sample = Sample(
                absent: absent, isTrue: text.isEmpty, list: [text, "", text], none: [],
                part: Part(number: .min, text: text), parts: ["a": Part(number: 0, text: "x"), text + "b": Part(number: .max, text: text)],
                text: text)
            #expect(String(decoding: JSON.bytes(of: sample), as: UTF8.self) == String(decoding: try JSON.encode(sample), as: UTF8.self))
        }
    }
}
