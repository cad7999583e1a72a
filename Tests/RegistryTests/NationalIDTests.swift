import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct NationalIDTests {
    private func fault(_ text: String, today: CalendarDate? = nil) -> String? {
        do throws(MemberFault) {
            _ = try NationalID(text, today: today)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `the standard's own examples are valid`() throws {
        let woman = try NationalID("11010519491231002X")
        #expect(woman.text == "11010519491231002X")
        #expect(woman.sex == .female)
        #expect(woman.birthOn == CalendarDate(year: 1949, month: 12, day: 31))
        let man = try NationalID("440524198001010013")
        #expect(man.sex == .male)
        #expect(fault("110105194912310021") == "member.national_id_checksum")
    }

    @Test(arguments: [
        "11010519491231002x", " 11010519491231002X ", "１１０１０５１９４９１２３１００２Ｘ", "'11010519491231002X", "11010519491231002X\t",
        "\u{3000}11010519491231002ｘ",
    ])
    func `other spellings mean the same`(text: String) throws {
        #expect(try NationalID(text) == NationalID("11010519491231002X"))
    }

    @Test(arguments: [
        ("", "member.national_id_missing"), ("   ", "member.national_id_missing"), ("110105491231002", "member.national_id_legacy"),
        ("3.20402E+17", "member.national_id_rounded"), ("3.20402e+17", "member.national_id_rounded"),
        ("320402199001010000", "member.national_id_rounded"), ("1101051949123100", "member.national_id_length"),
        ("11010519491231002X0", "member.national_id_length"), ("1101051949123100AX", "member.national_id_characters"),
        ("11010519491231002Y", "member.national_id_characters"), ("010105194912310021", "member.national_id_region"),
        ("110105194913310021", "member.national_id_birth_date"), ("110105190002290021", "member.national_id_birth_date"),
        ("110105188001010021", "member.national_id_birth_date"), ("=CMD|' /C calc'!A0", "member.national_id_characters"),
    ])
    func `what is wrong has its own code`(text: String, code: String) {
        #expect(fault(text) == code)
    }

    @Test func `nobody is born tomorrow`() throws {
        let today = try #require(CalendarDate(year: 1949, month: 12, day: 30))
        #expect(fault("11010519491231002X", today: today) == "member.national_id_birth_date")
        #expect(fault("11010519491231002X", today: CalendarDate(year: 1949, month: 12, day: 31)) == nil)
    }

    @Test func `every made-up id is read back, and no single wrong or swapped character passes`() throws {
        let seed = SeededGenerator.seeds(1)[0]
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let day = CalendarDate(daysSince1970: Int.random(in: -25_000...13_000, using: &generator))
            let id = try #require(
                NationalID(
                    region: Int.random(in: 100_000...999_999, using: &generator), birthOn: day,
                    sequence: Int.random(in: 1...999, using: &generator)))
            #expect(try NationalID(id.text) == id)
            #expect(id.birthOn == day)
            var wrong = Array(id.text)
            let place = Int.random(in: 0..<17, using: &generator)
            wrong[place] = Character(String((Int(String(wrong[place])) ?? 0) + 1).suffix(1).description)
            #expect(fault(String(wrong)) != nil, "MOD 11-2 finds each wrong digit: \(String(wrong))")
            var swapped = Array(id.text)
            let left = Int.random(in: 0..<16, using: &generator)
            swapped.swapAt(left, left + 1)
            if swapped[left] != swapped[left + 1] { #expect(fault(String(swapped)) != nil) }
        }
    }

    @Test func `nothing printed shows more than the mask`() throws {
        let id = try NationalID("11010519491231002X")
        #expect(id.masked == "1101**********002X")
        #expect("\(id)" == id.masked)
        #expect(String(reflecting: id) == id.masked)
        var dumped = ""
        dump(id, to: &dumped)
        #expect(!dumped.contains("1949"))
    }
}
