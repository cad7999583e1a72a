import Crypto
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Insurance

@Suite struct PolicyCertificateTests {
    private static let evil = #"\"><script>alert(1)</script>&"#

    @Test func `a policy that covers has a certificate, escaped throughout, without script or outside file`() async throws {
        try await withInsurance { scene in
            let mine = try await scene.mine(scene.person())
            let policy = try await scene.given(
                more: #","covers":[{"name":"身故\#(Self.evil)","fen":10000000}],"claimAdviceEn":"Call\nthen \#(Self.evil)""#)
            let path = "/v1/me/policies/\(policy.id)/certificate"
            #expect(await mine.get(path).problemCode == "insurance.no_certificate")
            try await scene.issue(policy.batchID)
            #expect(await mine.get(path).problemCode == "insurance.no_certificate")
            try await scene.at().run("insurance.clock")
            let page = await mine.get(path)
            #expect(page.status == 200 && page.header("Content-Type") == "text/html; charset=utf-8")
            #expect(page.header("Content-Security-Policy")?.contains("default-src 'none'") == true)
            let number = "P-000\(1_000 + policy.id.rawValue)"
            for word in ["夏侯惇惇", number, "意外伤害保险", "太平洋财险", "95500", "保险凭证", "Certificate of insurance", "100,000 元", "<svg", "size:A4"] {
                #expect(page.text.contains(word), "\(word)")
            }
            for word in ["<script", "src=", "href=", "url(", "@import", "http:", "https:"] {
                #expect(!page.text.replacing("http://www.w3.org/2000/svg", with: "").contains(word), "\(word)")
            }
            #expect(page.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;"))
            // Every text once opened is closed: the page reads as XML but for its doctype and head.
            for tag in ["table", "tr", "td", "th", "p", "div", "svg", "header", "footer", "body", "h2"] {
                #expect(page.text.ranges(of: "<\(tag)").count { _ in true } >= 1, "\(tag)")
                let opened = page.text.ranges(of: "<\(tag)>").count + page.text.ranges(of: "<\(tag) ").count
                #expect(opened == page.text.ranges(of: "</\(tag)>").count, "\(tag)")
            }
            // After the last day there is none.
            #expect(await mine.at(366).get(path).problemCode == "insurance.no_certificate")
        }
    }

    @Test func `whoever holds the paper learns whether it holds now, and nothing else`() async throws {
        try await withInsurance { scene in
            let mine = try await scene.mine(scene.person())
            let policy = try await scene.given(days: 30)
            try await scene.issue(policy.batchID)
            try await scene.at().run("insurance.clock")
            let page = await mine.get("/v1/me/policies/\(policy.id)/certificate").text
            let start = try #require(page.ranges(of: "<code>").first), end = try #require(page.ranges(of: "</code>").first)
            let code = String(page[start.upperBound..<end.lowerBound])
            // The very text stands in the QR.
            #expect(page.contains(try QRCode(code, level: .quartile).svg(title: "验真码 Verification code")))
            func check(_ code: String, at day: Double = 0) async throws -> PolicyCheckAnswer {
                let answer = await scene.at(days: day).client.send(.get, "/v1/policies/verify?code=\(code)")
                #expect(answer.status == 200 && answer.undeclared == nil, "\(answer.text)")
                for secret in ["夏侯惇惇", "13812345678", "11010519491231002X", "P-000\(1_000 + policy.id.rawValue)", "\"memberId\""] {
                    #expect(!answer.text.contains(secret), "\(answer.text)")
                }
                return try answer.json(PolicyCheckAnswer.self)
            }
            let good = try await check(code)
            #expect(good.valid && good.state == .covers && good.name == "夏*" && good.product == "意外伤害保险")
            #expect(good.coverFrom == InsuranceScene.day(0) && good.coverTo == InsuranceScene.day(29))
            #expect(good.number == "····" + "P-000\(1_000 + policy.id.rawValue)".suffix(4))
            #expect(try await check(code.lowercased()).valid)
            let after = try await check(code, at: 30)
            #expect(!after.valid && after.state == .ended)
            // No character can be another.
            let characters = Array(code)
            for place in characters.indices {
                for other in "0123456789ABCDEF-:WSP" where other != characters[place] {
                    var altered = characters
                    altered[place] = other
                    #expect(PolicyCode(scene.keys).read(String(altered)) == nil, "\(String(altered))")
                }
            }
            #expect(PolicyCode(.random()).read(code) == nil)
            var altered = characters
            altered[altered.count - 1] = altered[altered.count - 1] == "0" ? "1" : "0"
            let forged = try await check(String(altered))
            #expect(!forged.valid && forged.state == nil && forged.name == nil)
            // An authentic code for a policy that nobody may be told of says as little.
            let none = PolicyCode(scene.keys).text(PolicyReference(batchID: policy.batchID, policyID: ID(999_999)))
            #expect(try await check(none).state == nil)
            try await scene.move([PolicyMove(policy.id, to: .cancelled, reason: "left")], of: policy.batchID)
            let cancelled = try await check(code)
            #expect(!cancelled.valid && cancelled.state == .cancelled)
        }
    }

    @Test func `who tries codes out is made to wait`() async throws {
        try await withInsurance { scene in
            let moment = scene.at()
            #expect(await moment.client.send(.get, "/v1/policies/verify").problemCode == "request.missing_parameter")
            var codes: [String?] = []
            for _ in 0..<32 { codes.append(await moment.client.send(.get, "/v1/policies/verify?code=WSP1:1-1-1:00").problemCode) }
            #expect(codes.first == .some(nil) && codes.last == "insurance.too_many_checks")
        }
    }
}
