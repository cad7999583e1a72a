import Crypto
import MemberCode
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

@Suite struct CredentialRuleTests {
    @Test func `a day code with a wrong digit, or two neighbours swapped, is none`() throws {
        for _ in 0..<50 {
            let digits = Array(DayCode.random().digits)
            #expect(digits.count == 8 && DayCode(String(digits)) != nil)
            for index in digits.indices {
                for other in "0123456789" where other != digits[index] {
                    var changed = digits
                    changed[index] = other
                    #expect(DayCode(String(changed)) == nil)
                }
            }
            for index in digits.indices.dropLast() where digits[index] != digits[index + 1] {
                var swapped = digits
                swapped.swapAt(index, index + 1)
                #expect(DayCode(String(swapped)) == nil)
            }
            let spaced = try #require(DayCode("\(String(digits[..<4])) \(String(digits[4...]))"))
            #expect(spaced.digits == String(digits))
        }
        for text in ["", "1234567", "123456789", "１２３４５６７８", "abcdefgh", String(repeating: " ", count: 1_000)] {
            #expect(DayCode(text) == nil)
        }
    }

    @Test func `an NFC number is read however a reader writes it, and a national id is none`() throws {
        let number = try #require(CardNumber("NFC:04A2F19C3B5D80"))
        for text in ["NFC:04a2f19c3b5d80", "NFC:04:A2:F1:9C:3B:5D:80", "NFC:04 a2-f1 9c 3b 5d 80"] { #expect(CardNumber(text) == number) }
        #expect(number.masked == "····5D80")
        #expect(CardNumber("NFC:DEADBEEF") != nil && CardNumber("NFC:00112233445566778899") != nil)
        for text in [
            "", "NFC:", "NFC:DEADBE", "NFC:DEADBEE", "NFC:0011223344556677889900", "nfc:DEADBEEF", "DEADBEEF", "NFC:XEADBEEF",
            "452601199001011239", "NFC:45260119900101123X",
        ] { #expect(CardNumber(text) == nil) }
    }

    @Test func `a PIN has four to six digits, and those tried first are known`() {
        for text in ["1357", "902184", "00001"] { #expect(PIN(text).map(\.isGuessable) == false) }
        for text in ["0000", "1234", "654321", "99999"] { #expect(PIN(text)?.isGuessable == true) }
        for text in ["", "123", "1234567", "12a4", "１２３４", " 1234"] { #expect(PIN(text) == nil) }
        #expect(PIN("1357").map { "\($0)" } == "PIN(hidden)")
    }

    @Test func `digests of kinds, of credentials and of key files differ`() throws {
        let digests = CredentialDigests(.random())
        let number = try #require(CardNumber("NFC:12345678"))
        let all = [
            digests.card(1), digests.card(2), digests.number(number), digests.dayCode("00000000"),
            digests.pin("1357", of: digests.card(1)), digests.pin("1357", of: digests.card(2)),
            CredentialDigests(.random()).card(1),
        ]
        #expect(Set(all).count == all.count && all.allSatisfy { $0.count == 32 })
        #expect(digests.card(1) == all[0])
    }

    @Test func `a door's code opens that door for its steps, a print until another is in force`() throws {
        let codes = DoorCodes(.random())
        let now: Int64 = 1_770_000_000_000_000
        let (text, expires) = codes.rotating(ID(17), nowMicroseconds: now)
        #expect(text.hasPrefix("WSD1:17:") && text.utf8.count <= 45)
        #expect(expires * 1_000_000 - now > 0 && expires * 1_000_000 - now <= 15_000_000)
        let start = (expires - 15) * 1_000_000
        let borders: [(Int64, DoorCodeVerdict)] = [
            (-16, .expired), (-15, .current), (0, .current), (44, .current), (45, .expired), (100_000, .expired),
        ]
        for (seconds, expected) in borders {
            let verdict = codes.verify(text, of: ID(17), nowMicroseconds: start + seconds * 1_000_000)
            #expect(verdict == expected, "\(seconds)")
        }
        #expect(codes.verify(text, of: ID(18), nowMicroseconds: now) == .forged)
        #expect(codes.verify(text.replacing("WSD1:17:", with: "WSD1:18:"), of: ID(18), nowMicroseconds: now) == .forged)
        #expect(DoorCodes(.random()).verify(text, of: ID(17), nowMicroseconds: now) == .forged)
        let printed = codes.printed(ID(17), print: 3)
        #expect(codes.verify(printed, of: ID(17), nowMicroseconds: now) == .printed(3))
        #expect(codes.verify(printed, of: ID(7), nowMicroseconds: now) == .forged)
        #expect(try QRCode(printed).version <= 3)
    }

    @Test(arguments: SeededGenerator.seeds(5)) func `no changed character of a door's code passes`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let codes = DoorCodes(.random())
        let now: Int64 = 1_770_000_000_000_000
        for text in [codes.rotating(ID(1_234), nowMicroseconds: now).text, codes.printed(ID(1_234), print: 9)] {
            for index in text.indices {
                for _ in 0..<5 {
                    guard let other = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:äa\n".randomElement(using: &random),
                        other != text[index]
                    else { continue }
                    let changed = text.replacingCharacters(index, other)
                    #expect(codes.verify(changed, of: ID(1_234), nowMicroseconds: now) == .forged, "seed \(seed)")
                }
            }
            var changed: [String] = (0..<text.count).map { String(text.prefix($0)) }
            changed += [text + "0", text.lowercased()]
            for shown in changed {
                #expect(codes.verify(shown, of: ID(1_234), nowMicroseconds: now) == .forged)
            }
        }
        for text in ["WSD1:01234:", "WSD1:99999999999999999999:AAAA", "WSD1::", "WSD1:1234", String(repeating: "WSD1:", count: 100_000)] {
            #expect(codes.verify(text, of: ID(1_234), nowMicroseconds: now) == .forged)
        }
    }
}

extension String {
    fileprivate func replacingCharacters(_ index: String.Index, _ character: Character) -> String {
        String(self[..<index]) + String(character) + String(self[self.index(after: index)...])
    }
}
