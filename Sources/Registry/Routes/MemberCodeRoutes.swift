import FoundationEssentials
import HTTP
import MemberCode
import Runtime

/// The member's rotating code: as JSON, as a picture, as a drawing for terminals.
struct MemberCodeRoutes: Sendable {
    let members: MemberStore
    let issuer: MemberCodeIssuer
    let clock: Clock

    /// Seconds that a code lives.
    private static let validitySeconds: UInt16 = 60
    private static let picture = "image/svg+xml"
    private static let drawing = "text/plain"

    var all: [Route] { [read] }

    static let responses: [ResponseDeclaration] = [
        .json(200, MemberCodeAnswer.self, "The text of the QR and how long it holds"), .bytes(200, [picture], "The QR"),
        .text(200, "The QR as a drawing for terminals"),
    ]

    private var read: Route {
        Route(
            .get, "/v1/members/{id}/code", summary: "A member's code of this minute: JSON, or by Accept an SVG or a terminal drawing",
            tag: "Members", access: .permission(RegistryPermission.memberCodesIssue), parameters: [.path("id", .id, "The member")],
            responses: Self.responses,
            problems: [RegistryProblem.memberNotFound, RegistryProblem.memberNotActive, RegistryProblem.databaseUnavailable]
        ) { request in
            let id = request.parameter("id", as: ID<Member>.self)
            let scope = request.scope(of: RegistryPermission.memberCodesIssue)
            guard let status = try await members.status(of: id, within: scope) else { throw Problem(RegistryProblem.memberNotFound) }
            guard status.holdsCard else { throw Problem(RegistryProblem.memberNotActive) }
            return try Self.answer(issuer, id, clock: clock, accepting: request.headers["Accept"])
        }
    }

    /// A code of this minute, in the form asked for.
    static func answer(_ issuer: MemberCodeIssuer, _ id: ID<Member>, clock: Clock, accepting accept: String?) throws -> Response {
        let issued = issuer.issue(memberID: id.rawValue, validitySeconds: validitySeconds, nowMicroseconds: clock.nowMicroseconds)
        return try answer(issued, accepting: accept ?? "*/*").with("Cache-Control", "no-store")
    }

    /// The first of the three that the client names; JSON for one that names none.
    private static func answer(_ issued: MemberCodeIssuer.Issued, accepting accept: String) throws -> Response {
        let wanted = accept.split(separator: ",").compactMap { range in
            let type = range.split(separator: ";").first.map { $0.filter { !$0.isWhitespace }.lowercased() }
            return ["application/json", "application/*", "*/*", picture, "image/*", drawing, "text/*"].first { $0 == type }
        }
        switch wanted.first {
        case picture, "image/*": return .bytes(Array(try QRCode(issued.text).svg(title: "Waystation").utf8), contentType: picture)
        case drawing, "text/*": return .text(try QRCode(issued.text).terminal())
        default: return .json(MemberCodeAnswer(issued))
        }
    }
}

struct MemberCodeAnswer: Codable, Sendable, APIType {
    let text: String
    let issuedAt: String
    let expiresAt: String
    let validitySeconds: Int
    let size: Int?
    let matrix: String?

    /// - Parameter picture: of the text, where the page draws it itself.
    init(_ issued: MemberCodeIssuer.Issued, picture: QRCode? = nil) {
        text = issued.text
        issuedAt = timestamp(microseconds: Int64(issued.code.issuedAtSeconds) * 1_000_000)
        expiresAt = timestamp(microseconds: issued.code.expiresAtSeconds * 1_000_000)
        validitySeconds = Int(issued.code.validitySeconds)
        size = picture?.side
        matrix = picture.map { Data($0.bits).base64EncodedString() }
    }

    static let schema = Schema.object(
        "MemberCode", "A rotating code",
        [
            .required("text", .string(1...512), "What the QR says"), .required("issuedAt", .dateTime), .required("expiresAt", .dateTime),
            .required("validitySeconds", .integer(1...65_535)),
            .optional("size", .integer(21...177), "Of an application's card: modules a side, without the quiet zone"),
            .optional("matrix", .string(1...5_300), "Of an application's card: the modules as in GET /v1/me/codes"),
        ])
}
