import FoundationEssentials
import HTTP
import MemberCode
import Runtime

extension MeRoutes {
    /// A code lives for 60 s and the next one begins 10 s before its end, so that a screen has always one that holds.
    private static let stepSeconds: UInt32 = 50

    var codes: Route {
        Route(
            .get, "/v1/me/codes",
            summary: "Your next codes, one after another, for a page without network: each is refused before its time of issue", tag: "Me",
            access: .permission(RegistryPermission.me), parameters: [.query("count", .integer(1...30), "How many; 10 by default")],
            responses: [.json(200, MemberCodesAnswer.self, "The first is of now, each other one of 50 s later")],
            problems: [RegistryProblem.memberNotFound, RegistryProblem.memberNotActive, RegistryProblem.databaseUnavailable]
        ) { request in
            let id = request.member.memberID
            guard let status = try await members.status(of: id) else { throw Problem(RegistryProblem.memberNotFound) }
            guard status.holdsCard else { throw Problem(RegistryProblem.memberNotActive) }
            let count: Int = request.optionalParameter("count") ?? 10
            let now = clock.nowMicroseconds
            let issuer = issuer
            // Thirty pictures are some ten milliseconds of work: not on a loop.
            let drawn = await onThread(name: "codes") { () -> Result<[MemberCodesAnswer.Item], QRCodeError> in
                Result { () throws(QRCodeError) in
                    var items: [MemberCodesAnswer.Item] = []
                    for number in 0..<UInt32(count) {
                        let issued = issuer.issue(
                            memberID: id.rawValue, nowMicroseconds: now, aheadSeconds: number * Self.stepSeconds)
                        items.append(MemberCodesAnswer.Item(issued, picture: try QRCode(issued.text)))
                    }
                    return items
                }
            }
            return Response.json(MemberCodesAnswer(items: try drawn.get().get(), serverTime: timestamp(microseconds: now)))
                .with("Cache-Control", "no-store")
        }
    }
}

struct MemberCodesAnswer: Codable, Sendable, APIType {
    struct Item: Codable, Sendable {
        let text: String
        let issuedAt: String
        let expiresAt: String
        let validitySeconds: Int
        let size: Int
        let matrix: String

        init(_ issued: MemberCodeIssuer.Issued, picture: QRCode) {
            let code = MemberCodeAnswer(issued)
            text = code.text
            issuedAt = code.issuedAt
            expiresAt = code.expiresAt
            validitySeconds = code.validitySeconds
            size = picture.side
            matrix = Data(picture.bits).base64EncodedString()
        }
    }

    let items: [Item]
    let serverTime: String

    static let schema = Schema.object(
        "MemberCodes", "Codes of the coming minutes",
        [
            .required(
                "items",
                .array(
                    of: .object(
                        "MemberCodeAhead", "A rotating code and its picture",
                        [
                            .required("text", .string(1...512), "What the QR says"),
                            .required("issuedAt", .dateTime, "To be shown from then on, by serverTime's clock"),
                            .required("expiresAt", .dateTime), .required("validitySeconds", .integer(1...65_535)),
                            .required("size", .integer(21...177), "Modules a side, without the quiet zone of four light ones around it"),
                            .required(
                                "matrix", .string(1...5_300),
                                "The modules as bits, 1 for dark: row by row without a gap between rows, the first in a byte's highest bit, "
                                    + "the last byte filled up with 0; base64"),
                        ]), 1...30)),
            .required("serverTime", .dateTime, "When this was answered: how far a page's own clock is off"),
        ])
}
