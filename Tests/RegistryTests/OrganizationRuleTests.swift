import FoundationEssentials
import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct OrganizationRuleTests {
    @Test(arguments: ["91350100M000100Y43", " 91350100m000100y43 ", "９１３５０１００M000100Y43"])
    func `a credit code is read as people write it`(text: String) throws {
        #expect(try #require(CreditCode(text)).text == "91350100M000100Y43")
    }

    @Test(arguments: ["", "91350100M000100Y44", "91350100M000100Y4", "91350100M000100Y433", "91350100I000100Y43", "91350100M000100Y4-"])
    func `what is no credit code is refused`(text: String) {
        #expect(CreditCode(text) == nil)
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `no wrong and no swapped character passes a join code's check`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let code = JoinCode(body: (0..<7).map { _ in Int.random(in: 0..<29, using: &random) })
        #expect(try #require(JoinCode(code.text)) == code)
        let characters = Array(code.text.utf8)
        for place in characters.indices {
            for other in JoinCode.alphabet where other != characters[place] {
                var wrong = characters
                wrong[place] = other
                #expect(JoinCode(String(decoding: wrong, as: UTF8.self)) == nil)
            }
            for other in characters.indices where characters[other] != characters[place] {
                var swapped = characters
                swapped.swapAt(place, other)
                #expect(JoinCode(String(decoding: swapped, as: UTF8.self)) == nil)
            }
        }
    }

    @Test func `a join code is read as it is scanned, typed and printed`() throws {
        let code = JoinCode.random()
        for text in [code.text, code.printed, code.qrText, code.text.lowercased(), " \(code.printed) ", code.qrText.lowercased()] {
            #expect(try #require(JoinCode(text)) == code, "\(text)")
        }
        for text in ["", "WSJ1:", "WS1:" + code.text, code.text + "2", "00000000", "WSJ1:WSJ1:" + code.text] {
            #expect(JoinCode(text) == nil, "\(text)")
        }
        #expect(code.qrText.utf8.count == 13 && code.printed.utf8.count == 9)
    }

    @Test func `a holding organization has nothing below it, and levels do not turn upside down`() {
        #expect(OrganizationKind.holding.childKinds.isEmpty)
        for kind in OrganizationKind.allCases {
            #expect(!kind.childKinds.contains(.city))
            for child in kind.childKinds where child != kind { #expect(!child.childKinds.contains(kind), "\(child) above \(kind)") }
        }
        #expect(OrganizationKind.street.childKinds.contains(.holding))
    }

    @Test func `a change keeps, clears and sets, and tells every fault`() throws {
        let today = try #require(CalendarDate(year: 2026, month: 11, day: 21))
        var present = OrganizationProfile()
        present.address = "城关路 1 号"
        present.chairName = "李梅"
        present.employees = 10
        func change(_ json: String) throws -> OrganizationProfile {
            try JSON.decode(OrganizationChangeBody.self, from: Array(json.utf8)).applied(to: present, today: today)
        }
        let changed = try change(#"{"chairName":null,"employees":12,"foundedOn":"2001-02-28","creditCode":"91350100M000100Y43"}"#)
        #expect(changed.address == "城关路 1 号" && changed.chairName == nil && changed.employees == 12)
        #expect(changed.foundedOn?.description == "2001-02-28" && changed.creditCode?.text == "91350100M000100Y43")
        do {
            _ = try change(
                #"{"creditCode":"1","foundedOn":"2027-01-01","chairElectedOn":"1899-12-31","employeesFemale":11,"contactPhone":"ring me"}"#)
            Issue.record("it was taken")
        } catch let problem as Problem {
            #expect(
                Set(problem.violations.map { $0.pointer ?? "" })
                    == ["/creditCode", "/foundedOn", "/chairElectedOn", "/employeesFemale", "/contactPhone"])
        }
    }

    @Test func `a poster holds any name, and no name runs in it`() throws {
        let code = JoinCode.random()
        let names = [
            "德保县总工会", "<script>alert(1)</script>", "\"><svg onload='x'>&amp;", "A\u{0}\u{1B}B", String(repeating: "工", count: 100),
            "Debao County Federation of Couriers, Riders, Drivers, Housekeepers and Others in New Forms of Work",
        ]
        for name in names {
            let poster = JoinPoster(organizationName: name, code: code)
            for text in [try poster.svg(), try poster.html()] {
                #expect(text.contains(code.printed))
                #expect(!text.contains("<script") && !text.contains("onload='") && !text.contains("\u{0}") && !text.contains("\u{1B}"))
            }
        }
        #expect(try JoinPoster(organizationName: "德保县总工会", code: code).svg().contains(">德保县总工会</text>"))
    }

    @Test func `a name of any length stands between the poster's band and its code, cut off by neither`() throws {
        for count in 1...100 {
            let svg = try JoinPoster(organizationName: String(repeating: "工", count: count), code: JoinCode.random()).svg()
            // Drawn after the code, whose margin is white.
            let names = try #require(svg.components(separatedBy: "role=\"img\"").last)
            let lines = names.components(separatedBy: "<text ").filter { $0.contains(">工") }
            #expect((1...4).contains(lines.count), "\(count)")
            for line in lines {
                func value(_ name: String) throws -> Double {
                    let after = try #require(line.components(separatedBy: "\(name)=\"").dropFirst().first)
                    return try #require(Double(after.prefix { $0 != "\"" }))
                }
                let (baseline, size) = (try value("y"), try value("font-size"))
                #expect(baseline - size * 0.88 >= 34 && baseline + size * 0.12 <= 70, "\(count): \(baseline) in \(size)")
            }
        }
    }

    @Test func `half-years and their renewals follow the calendar`() async throws {
        try await withDatabase { database in
            let cases = [
                ("open", "2026-07-01", "2026-07-01", "current"), ("open", "2026-06-30", "2026-07-01", "due"),
                ("open", "2026-01-01", "2026-06-30", "current"), ("open", "2026-01-01", "2026-07-31", "due"),
                ("open", "2026-06-30", "2026-08-01", "overdue"), ("open", "2025-12-31", "2026-01-31", "due"),
                ("open", "2025-12-31", "2026-02-01", "overdue"), ("open", "2025-06-30", "2026-01-15", "overdue"),
                ("open", "2025-07-01", "2026-01-15", "due"), ("closed", "2001-01-01", "2026-01-15", "none"),
            ]
            for (state, renewed, today, expected) in cases {
                let days: SQL = "\(raw: "'\(renewed)'::date, '\(today)'::date")"
                let found = try await database.query("select registry_renewal_state(\(state), \(fragment: days), 31)")
                #expect(try found[0].decode(0) == expected, "\(renewed) on \(today)")
            }
        }
    }
}
