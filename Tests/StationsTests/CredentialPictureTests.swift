import Crypto
import FoundationEssentials
import MemberCode
import Registry
import Runtime
import Testing

@testable import Stations

@Suite struct CredentialPictureTests {
    private func card(_ name: String, _ organization: String, hasPIN: Bool = false) -> String {
        let text = MemberCardIssuer(.random()).text(cardID: 1_234, memberID: 5_678, issuedOnDay: 20_778, validDays: 1_095)
        return CardPicture(
            code: text, maskedName: name, organization: organization, cardID: "1234", lastDay: "2029-11-19", hasPIN: hasPIN
        ).svg
    }

    @Test func `a card has the size of a bank card and shows what it must`() throws {
        let svg = card("张*", "德保县外卖行业工会联合会", hasPIN: true)
        #expect(svg.contains("width=\"85.6mm\" height=\"54mm\""))
        for text in ["张*", "1234", "2029-11-19", "PIN"] { #expect(svg.contains(text)) }
        if let path = ProcessInfo.processInfo.environment["CARD_SVG"] {
            try Data(svg.utf8).write(to: URL(filePath: path))
            let door = DoorPicture(code: DoorCodes(.random()).printed(ID(17), print: 1), name: "鉴河智慧驿站 大门", note: "17 · 1").svg
            try Data(door.utf8).write(to: URL(filePath: path + ".door.svg"))
        }
    }

    @Test func `whatever an organization is called, the card stays XML and three lines long`() {
        let svg = card("<b>*", String(repeating: "&\"<>\u{0}长", count: 20))
        for text in ["<b>", "&\"", "\u{0}"] { #expect(!svg.contains(text)) }
        #expect(svg.contains("&lt;b&gt;*") && svg.contains("…"))
        #expect(svg.split(separator: "font-size=\"3.2\"").count == 4)
    }
}
