import HTTP
import MemberCode

/// A picture of any short text, for pages that show a code which the service gave them: a pairing, an address.
struct QRPictureRoutes: Sendable {
    var all: [Route] { [draw] }

    /// The text stands in the body and not in the address: addresses are kept in proxies' logs.
    private var draw: Route {
        Route(
            .post, "/v1/qr", summary: "Draws a text as a QR", tag: "Pages", access: .authenticated,
            body: .json(QRTextBody.self, limitBytes: 4_096), responses: [.bytes(200, ["image/svg+xml"], "The picture")]
        ) { request in
            let text = try request.json(QRTextBody.self).text
            do throws(QRCodeError) {
                let picture = try QRCode(text).svg(title: "Waystation")
                return .bytes(Array(picture.utf8), contentType: "image/svg+xml").with("Cache-Control", "no-store")
            } catch {
                throw Problem(
                    HTTPProblem.invalidBody,
                    violations: [Violation("request.wrong_length", pointer: "/text", zh: "文字太长", en: "The text is too long")])
            }
        }
    }
}

struct QRTextBody: Codable, Sendable, APIType {
    let text: String

    static let schema = Schema.object("QRText", "What a QR shall say", [.required("text", .string(1...512))])
}
