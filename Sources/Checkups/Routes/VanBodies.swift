package import HTTP
import Programs
package import Registry
package import Runtime

/// What a van's device or an organizer asks with a member's code.
package struct VanScanBody: Codable, Sendable, APIType {
    package var code: String
    package var pin: String?
    package var requestId: String
    package var occurredAt: String

    package init(code: String, pin: String? = nil, requestId: String, occurredAt: String) {
        self.code = code
        self.pin = pin
        self.requestId = requestId
        self.occurredAt = occurredAt
    }

    package static let schema = Schema.object(
        "VanScan", "A code shown at a van",
        [
            .required(
                "code", .anySigns(0...1_024),
                "As read: a member code (WS1:), a printed card (WC1:) or a card's number (NFC: and its bytes in hexadecimal)"),
            .optional("pin", .string(0...16), "Typed with a card or number"),
            .required("requestId", .uuid, "Made by the device. The same request again gets the first answer, for ever"),
            .required("occurredAt", .dateTime, "When it was read, by the device's clock; kept. The decision goes by the server's clock"),
        ])
}

/// Who stands at the van, masked.
package struct VanMember: Codable, Sendable {
    package let memberId: ID<Member>
    package let maskedName: String?
    package let maskedPhone: String?
    package let workerKind: WorkerKind
    package let organizationName: String

    static let schema = Schema.object(
        "VanMember", "Who stands at the van, masked",
        [
            .required("memberId", .id),
            .optional("maskedName", .string(1...10), "张*; absent once the person was forgotten"),
            .optional("maskedPhone", .string(11...11), "138****5678"),
            .required("workerKind", .oneOf(WorkerKind.allCases.map(\.rawValue))),
            .required("organizationName", .string(1...100)),
        ])
}

/// The answer at the van: who, when, which package; or why not.
package struct VanAnswer: Codable, Sendable, APIType {
    package let outcome: VanDecision.Outcome
    package let reasons: [CheckupReasonAnswer]
    package let member: VanMember?
    package let session: VanSession?
    package let package: OwnCheckupPackage?
    package let ahead: Int32?
    package let decidedAt: String
    package let requestId: String

    package static let schema = Schema.object(
        "VanAnswer", "The answer at the van: who, when, which package; or why not",
        [
            .required("outcome", .oneOf(VanDecision.Outcome.allCases.map(\.rawValue))),
            .required(
                "reasons", .array(of: CheckupReasonAnswer.schema, 0...CheckupReason.allCases.count),
                "Every reason that applies; some exactly when refused"),
            .optional("member", VanMember.schema, "Whose code it is, on a refusal too; absent when that is not known"),
            .optional("session", VanSession.schema, "The session of this visit that the person has a place in"),
            .optional("package", OwnCheckupPackage.schema, "What is examined, with the items for the person's kind of work"),
            .optional("ahead", .integer(0...100_000), "How many stand before the one who waits"),
            .required("decidedAt", .dateTime),
            .required("requestId", .uuid, "As in the request, in lower case"),
        ])
}

/// A call for the next who wait.
package struct CallBody: Codable, Sendable, APIType {
    package var requestId: String
    package var count: Int32?

    package init(requestId: String, count: Int32? = nil) {
        self.requestId = requestId
        self.count = count
    }

    package static let schema = Schema.object(
        "VanCall", "A call for the next who wait",
        [
            .required("requestId", .uuid, "The same call again calls nobody more"),
            .optional("count", .integer(1...50), "How many at most; 1 by default"),
        ])
}

/// Who is called, and into which session.
package struct CallAnswer: Codable, Sendable, APIType {
    package struct Called: Codable, Sendable {
        package let member: VanMember
        package let session: VanSession
        /// Whether it is the place of somebody who did not come.
        package let isOfMissing: Bool
    }

    package let items: [Called]
    package let waiting: Int64

    package static let schema = Schema.object(
        "VanCallAnswer", "Who is called, and into which session",
        [
            .required(
                "items",
                .array(
                    of: .object(
                        "VanCalled", "One who is called; checks in by the code as everybody",
                        [
                            .required("member", VanMember.schema),
                            .required("session", VanSession.schema),
                            .required("isOfMissing", .boolean, "Whether it is the place of somebody who did not come"),
                        ]), 0...50)),
            .required("waiting", .integer(0...100_000), "How many still wait today"),
        ])
}
