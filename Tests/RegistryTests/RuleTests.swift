import HTTP
import Testing

@testable import Registry

@Suite struct RuleTests {
    @Test(arguments: ["13812345678", "+8613812345678", "86 138 1234 5678", "0086-138-1234-5678", "１３８１２３４５６７８", " 138 1234 5678"])
    func `phones are read as people write them`(text: String) throws {
        #expect(try PhoneNumber(text).text == "13812345678")
        #expect(try PhoneNumber(text).masked == "138****5678")
    }

    @Test(arguments: ["", "12812345678", "1381234567", "138123456789", "+8513812345678", "010-12345678", "1381234567a", "=13812345678"])
    func `other numbers are refused`(text: String) {
        #expect(throws: MemberFault.phoneInvalid) { try PhoneNumber(text) }
    }

    @Test(arguments: [
        ("张三", "张三"), (" 张三 ", "张三"), ("阿卜杜拉•买买提", "阿卜杜拉·买买提"), ("阿卜杜拉・买买提", "阿卜杜拉·买买提"), ("𠮷田", "𠮷田"), ("〇一", "〇一"),
        ("Anna-Maria O'Neil Jr.", "Anna-Maria O'Neil Jr."), ("བསོད་ནམས", nil), ("Ünal", "Ünal"),
    ])
    func `names of many kinds are taken`(text: String, tidied: String?) throws {
        if let tidied {
            #expect(try PersonName(text).text == tidied)
        } else {
            #expect(throws: MemberFault.nameCharacters) { try PersonName(text) }
        }
    }

    @Test(arguments: ["=CMD|' /C calc'!A0", "+张", "-张", "@张", "张\u{7}三", "张三1", "张\n三", "<b>", "张?", "\u{FFFD}三", "张\"三", "·"])
    func `what is no name is refused`(text: String) {
        #expect(throws: MemberFault.nameCharacters) { try PersonName(text) }
    }

    @Test func `a name has 1 to 50 characters`() throws {
        #expect(throws: MemberFault.nameMissing) { try PersonName(" ") }
        #expect(try PersonName(String(repeating: "张", count: 50)).text.count == 50)
        #expect(throws: MemberFault.nameTooLong) { try PersonName(String(repeating: "张", count: 51)) }
        #expect(try PersonName("欧阳娜娜").masked == "欧*")
    }

    @Test func `kinds are known by their Chinese names and their codes`() {
        #expect(WorkerKind.byName["外卖骑手"] == .foodRider)
        #expect(WorkerKind.byName["food_rider"] == .foodRider)
        #expect(WorkerKind.byName["宇航员"] == nil)
        #expect(EmploymentForm.byName["劳务派遣"] == .dispatch)
        #expect(YesOrNo.answer("是") == true)
        #expect(YesOrNo.answer("No") == false)
        #expect(YesOrNo.answer("也许") == nil)
    }

    @Test func `no status is a dead end and none follows itself`() {
        for status in MemberStatus.allCases {
            #expect(!status.successors.isEmpty)
            #expect(!status.mayBecome(status))
        }
        #expect(!MemberStatus.active.mayBecome(.provisional))
        #expect(!MemberStatus.suspended.mayBecome(.provisional))
    }

    @Test func `every code is given once and has both languages`() {
        let codes = MemberFault.all.map(\.code) + RegistryProblem.all.map(\.code)
        #expect(Set(codes).count == codes.count)
        for text in MemberFault.all.map(\.reason) + RegistryProblem.all.map(\.title) {
            #expect(!text.zh.isEmpty && !text.en.isEmpty && text.zh != text.en)
        }
    }

    @Test func `a pairing code is read as people type it`() throws {
        for typed in ["K7QM-2XWD-9FGH", "K7QM2XWD9FGH", "k7qm-2xwd9fgh", " k7 qm 2xwd - 9fgh-"] {
            #expect(try #require(PairingCode(typed)).text == "K7QM-2XWD-9FGH", "\(typed)")
        }
        for typed in ["", "---", "K7QM-2XWD", "K7QM-2XWD-9FG", "K7QM-2XWD-9FGHJ", "K7QM-2XWD-9FG0", "K7QM_2XWD_9FGH", "K7QM-2XWD-9FGé"] {
            #expect(PairingCode(typed) == nil, "\(typed)")
        }
    }

    @Test func `a random pairing code is read back from what is shown`() throws {
        for _ in 0..<100 {
            let shown = PairingCode.random().text
            #expect(shown.utf8.count == 14)
            #expect(try #require(PairingCode(shown)).text == shown)
        }
    }
}
