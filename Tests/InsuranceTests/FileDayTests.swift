import Postgres
import Registry
import Testing

@testable import Insurance

struct FileDayTests {
    @Test(arguments: [
        ("2026-11-21", "2026-11-21"), ("2026/11/21", "2026-11-21"), ("20261121", "2026-11-21"), ("2026/1/5", "2026-01-05"),
        ("2026-02-29", nil), ("2028-02-29", "2028-02-29"), ("26-1-5", nil), ("2026-1", nil), ("2026-11/21", nil), ("2026112", nil),
        ("", nil),
        ("2026年11月21日", nil), ("2026-13-01", nil),
    ]) func `days are read as insurers write them`(text: String, day: String?) {
        #expect(FileDay.date(text)?.description == day)
    }

    @Test func `what a reason repeats of ids and phones is left out`() {
        #expect(FileReason.text("证件 11010519491231002X 与手机 13812345678 不符，第 12 条") == "证件 *** 与手机 *** 不符，第 12 条")
        // In groups, as they are told on the phone, and in the digits of a Chinese keyboard.
        #expect(FileReason.text("证件 110105 19491231 002X 不符") == "证件 *** 不符")
        #expect(FileReason.text("电话 138-1234-5678。") == "电话 ***。")
        #expect(FileReason.text("电话 1３８１２３４５６７８") == "电话 ***")
        #expect(FileReason.text("证件 １１０１０５１９４９１２３１００２Ｘ") == "证件 ***")
        #expect(FileReason.text("自 2026-11-21 起，满 65 岁，第 3-4 条 2.5 倍") == "自 2026-11-21 起，满 65 岁，第 3-4 条 2.5 倍")
        #expect(FileReason.text(nil) == FileReason.usual)
        #expect(FileReason.text(String(repeating: "长", count: 900)).unicodeScalars.count == FileReason.charactersMax)
    }

    @Test func `text in whatever pieces is whole, and what is not in the encoding is refused`() throws {
        let text = Array("流水号,𠮷é结果\r\n".utf8)
        for cut in 1..<text.count {
            var reader = try InsurerText(.utf8)
            let first = reader.decode(Array(text[..<cut]), isLast: false) ?? []
            let second = reader.decode(Array(text[cut...]), isLast: true) ?? []
            #expect(first + second == text, "\(cut)")
        }
        func isRefused(_ bytes: [UInt8], _ encoding: InsurerFileForm.Encoding) throws -> Bool {
            var reader = try InsurerText(encoding)
            return reader.decode(bytes, isLast: true) == nil
        }
        #expect(try isRefused(Array(text.prefix(2)), .utf8))
        #expect(try isRefused([0x41, 0], .gb18030))
        #expect(try isRefused([0x41, 0xFF, 0x41], .gb18030))
    }
}
