import FoundationEssentials
import Runtime
import Testing

@testable import Registry

@Suite struct WebhookValueTests {
    @Test func `a signature is the one of Standard Webhooks`() throws {
        // The published example of the specification's libraries.
        let secret = WebhookSecret(bytes: Array(try #require(Data(base64Encoded: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))))
        #expect(secret.text == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let signature = secret.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: Array("{\"test\": 2432232314}".utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        #expect(WebhookSecret.random().text.utf8.count == 50)
    }

    @Test func `tries go on for three days, those of a code that expires for minutes, and then end`() {
        let retry = WebhookRetry.standard
        var total = Duration.zero
        for attempt in 1...9 {
            let delay = retry.delay(afterAttempts: attempt, expires: false, chance: 0.5)
            total += delay ?? .zero
            for chance in [0, 0.3, 1] {
                let jittered = retry.delay(afterAttempts: attempt, expires: false, chance: chance) ?? .zero
                #expect(jittered >= (delay ?? .zero) * 0.79 && jittered <= (delay ?? .zero) * 1.21)
            }
        }
        #expect(total > .seconds(3 * 86_400) && total < .seconds(4 * 86_400))
        #expect(retry.delay(afterAttempts: 10, expires: false, chance: 0) == nil)
        #expect(retry.delay(afterAttempts: 1, expires: true, chance: 0.5) ?? .zero < .seconds(2))
        #expect(retry.delay(afterAttempts: 13, expires: true, chance: 0.5) == nil)
        #expect(retry.delay(afterAttempts: 1, expires: false, chance: 0.5, asked: .seconds(600)) == .seconds(600))
        #expect(retry.delay(afterAttempts: 1, expires: false, chance: 0.5, asked: .seconds(86_400)) == .seconds(3_600))
        #expect(retry.rest(afterFailures: 1, chance: 0.5) == .seconds(1))
        #expect(retry.rest(afterFailures: 1_000, chance: 0.5) == .seconds(60))
    }

    @Test func `only https into the public internet is a receiver's address`() {
        for url in ["https://example.com", "https://example.com/a?b=c", "https://1.1.1.1/x", "https://[2400:cb00::1]:8443/"] {
            #expect(WebhookEndpoint.Target(url, allowsPrivate: false) != nil, "\(url)")
        }
        let refused = [
            "http://example.com", "https://localhost", "https://intranet/x", "https://127.0.0.1/", "https://10.0.0.1", "https://[::1]/",
            "https://169.254.169.254/latest", "https://127.1/", "https://0x7f.1", "https://2130706433", "https://u:p@example.com",
            "https://example.com/a b", "https://example.com/#x", "https://example.com?x", "ftp://example.com", "", "https://", "https:///x",
        ]
        for url in refused { #expect(WebhookEndpoint.Target(url, allowsPrivate: false) == nil, "\(url)") }
        let target = WebhookEndpoint.Target("http://127.0.0.1:9/a/?b", allowsPrivate: true)
        #expect(target?.base == "http://127.0.0.1:9" && target?.path == "/a/?b")
        #expect(WebhookEndpoint.Target("https://example.com", allowsPrivate: false)?.path == "/")
    }
}
