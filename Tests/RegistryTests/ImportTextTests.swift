import Glibc
import Testing

@testable import Registry

@Suite struct ImportTextTests {
    /// "姓名,身份证号\n张三,1\n𠮷,2\n" in GB18030, the third name a character of four bytes.
    private static let gb18030: [UInt8] =
        [0xD0, 0xD5, 0xC3, 0xFB, 0x2C, 0xC9, 0xED, 0xB7, 0xDD, 0xD6, 0xA4, 0xBA, 0xC5, 0x0A, 0xD5, 0xC5, 0xC8, 0xFD, 0x2C, 0x31, 0x0A]
        + [0x95, 0x34, 0xB2, 0x35, 0x2C, 0x32, 0x0A]
    private static let text = "姓名,身份证号\n张三,1\n𠮷,2\n"

    private func decode(_ bytes: [UInt8], pieces count: Int) throws(MemberImportError) -> String {
        var text = ImportText()
        var result: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            result += try text.decode(Array(rest.prefix(count)), isLast: false)
            rest = rest.dropFirst(count)
        }
        result += try text.decode([], isLast: true)
        return String(decoding: result, as: UTF8.self)
    }

    @Test(arguments: [1, 2, 3, 5, 7, 100])
    func `UTF-8 and GB18030 are told apart however they are cut`(pieces: Int) throws {
        #expect(try decode(Array(Self.text.utf8), pieces: pieces) == Self.text)
        #expect(try decode([0xEF, 0xBB, 0xBF] + Array(Self.text.utf8), pieces: pieces) == Self.text)
        #expect(try decode(Self.gb18030, pieces: pieces) == Self.text)
    }

    @Test func `a long ASCII beginning decides nothing`() throws {
        let ascii = String(repeating: "name,1\n", count: 20_000)
        #expect(try decode(Array(ascii.utf8) + Self.gb18030, pieces: 8_192) == ascii + Self.text)
        #expect(try decode(Array((ascii + Self.text).utf8), pieces: 8_192) == ascii + Self.text)
    }

    @Test func `long texts survive cuts in the middle of characters`() throws {
        let long = String(repeating: Self.text, count: 2_000)
        let bytes = Array(repeatElement(Self.gb18030, count: 2_000).joined())
        for pieces in [997, 4_099, 65_536] {
            #expect(try decode(bytes, pieces: pieces) == long)
            #expect(try decode(Array(long.utf8), pieces: pieces) == long)
        }
    }

    @Test func `a damaged byte makes no other encoding of a file`() throws {
        for place in [0, 1, 5, 20] {
            var bytes = Array(Self.text.utf8)
            bytes[place] = 0xFF
            let read = try decode(bytes, pieces: 7)
            #expect(read.hasSuffix(",1\n𠮷,2\n"), "\(place)")
        }
    }

    @Test func `bytes that are no text leave a mark`() throws {
        #expect(try decode(Self.gb18030 + [0xFF, 0xFF, 0x0A], pieces: 100).contains("\u{FFFD}"))
    }

    @Test(
        arguments: [
            ([0x50, 0x4B, 0x03, 0x04, 0x14], "import.file_spreadsheet"), ([0xD0, 0xCF, 0x11, 0xE0, 0xA1], "import.file_spreadsheet"),
            ([0xFF, 0xFE, 0x61, 0x00], "import.file_utf16"), ([0xFE, 0xFF, 0x00, 0x61], "import.file_utf16"),
            ([0x61, 0x62, 0x63, 0x64, 0x00, 0x65], "import.file_binary"), ([0x00], "import.file_binary"),
        ] as [([UInt8], String)])
    func `what is no text is refused with its own code`(bytes: [UInt8], code: String) {
        do throws(MemberImportError) {
            _ = try decode(bytes, pieces: 100)
            Issue.record("it was taken")
        } catch {
            #expect(error.code == code)
        }
    }
}
