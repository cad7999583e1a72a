import Crypto
import FoundationEssentials
import HTTP

/// A page as it is asked for by its address, in the language of who asks: with the form to sign in for who is not signed in, else a frame.
///
/// The language is the one chosen on the page (cookie `waystation-language`), else the one that `Accept-Language` likes best. What is
/// answered is never what the session's owner may see: the page asks the API for that.
struct FirstPage: Sendable {
    private let page: PageSession
    private let shelf: PageShelf
    private let policies: [String: String]

    init(_ page: PageSession, _ shelf: PageShelf) {
        self.page = page
        self.shelf = shelf
        let files = pageFiles.filter { $0.path.hasPrefix(page.rawValue + "/") && $0.path.hasSuffix(".html") }
        policies = Dictionary(uniqueKeysWithValues: files.map { ($0.path, Self.policy(of: $0.text)) })
    }

    func route(_ template: String, _ summary: String) -> Route {
        Route.immediate(
            .get, template, summary: summary, tag: "Pages", responses: [.bytes(200, ["text/html"], "The page"), Pages.known]
        ) { request in
            let name = path(for: request)
            return shelf.answer(name, request, varyingBy: "Accept-Encoding, Accept-Language, Cookie").with("Cache-Control", "no-cache")
                .with("Content-Security-Policy", policies[name] ?? Self.policy(of: ""))
                .with("X-Frame-Options", "DENY").with("Cross-Origin-Opener-Policy", "same-origin")
                .with("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(), payment=()")
        }.withAnyQuery()
    }

    /// A page that asks for itself, by the field that its calls have, gets the frame: its service worker keeps that.
    private func path(for request: Request) -> String {
        let chosen = request.headers.cookie("waystation-language").flatMap { Language(rawValue: String($0)) }
        let isFrame = page.isShown(in: request.headers) || request.headers[PageSession.pageField] == page.rawValue
        return "\(page.rawValue)/\(isFrame ? "known" : "first")-\((chosen ?? request.language).rawValue).html"
    }

    /// What browsers are told of a page: scripts and calls of this origin only, styles of this origin or this very text, no frames around.
    static func policy(of text: String) -> String {
        let styles = text.matches(of: /<style>((?s).*?)<\/style>/).map { match in
            "'sha256-\(Data(SHA256.hash(Array(match.1.utf8))).base64EncodedString())'"
        }
        return [
            "default-src 'none'", "script-src 'self'", (["style-src 'self'"] + styles).joined(separator: " "), "img-src 'self' data: blob:",
            "connect-src 'self'", "manifest-src 'self'", "worker-src 'self'", "media-src 'self' blob:", "frame-ancestors 'none'",
            "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'", "trusted-types waystation",
        ].joined(separator: "; ")
    }
}
