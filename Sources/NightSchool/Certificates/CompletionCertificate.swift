import HTTP
import Postgres
import Registry
import Runtime

/// That somebody completed a class (结业证书).
struct CompletionCertificate: Codable, Sendable, APIType {
    let id: ID<CompletionCertificate>
    let number: String
    let memberId: ID<Member>
    /// In clear for its own person, masked for everybody else.
    var name: String?
    let classId: ID<SchoolClass>
    let title: String
    let titleEn: String?
    let label: String
    let school: String
    let term: String
    let lessonsCame: Int32
    let lessonsCounted: Int32
    let minutes: Int32
    let issuedOn: CalendarDate
    let revokedAt: Timestamp?
    let revokeReason: String?
    /// What its QR says; for its own person only.
    var code: String?

    static let schema = Schema.object(
        "CompletionCertificate", "That somebody completed a class",
        [
            .required("id", .id), .required("number", .string(1...30)), .required("memberId", .id),
            .optional("name", .string(1...100), "In clear for its own person, else masked"), .required("classId", .id),
            .required("title", .string(1...100)), .optional("titleEn", .string(1...100)), .required("label", .string(1...40)),
            .required("school", .string(1...100)), .required("term", .string(1...100)), .required("lessonsCame", .integer(1...400)),
            .required("lessonsCounted", .integer(1...400), "Those held, without the excused"),
            .required("minutes", .integer(1...300_000), "Of the lessons they came to"), .required("issuedOn", .date),
            .optional("revokedAt", .dateTime), .optional("revokeReason", .string(1...500)),
            .optional("code", .string(1...PaperCode.lengthMax), "What its QR says; for its own person only"),
        ])

    /// `NS2026-00000042`.
    static func number(_ id: ID<CompletionCertificate>, _ day: CalendarDate) -> String {
        let digits = "\(id)"
        return "NS\(day.description.prefix(4))-\(String(repeating: "0", count: max(0, 8 - digits.utf8.count)))\(digits)"
    }

    /// Whose number it may be; it is compared with what is found.
    static func id(in number: String) -> ID<CompletionCertificate>? {
        guard let digits = number.split(separator: "-").last, let id = Int64(digits), id > 0 else { return nil }
        return ID(id)
    }
}

struct CompletionCertificateList: Codable, Sendable, APIType {
    let items: [CompletionCertificate]

    static let schema = Schema.object(
        "CompletionCertificateList", "Certificates",
        [.required("items", .array(of: CompletionCertificate.schema, 0...100_000))])
}

/// What everybody is told of a certificate whose QR they hold.
struct CertificateCheck: Codable, Sendable, APIType {
    enum Result: String, Codable, CaseIterable, Sendable {
        case valid, revoked
        /// Not made here, or changed.
        case invalid
    }

    let result: Result
    let name: String?

    static let schema = Schema.object(
        "CertificateCheck", "What may be known of a certificate",
        [
            .required("result", .oneOf(Result.allCases.map(\.rawValue)), "invalid: not made here, or changed"),
            .optional("name", .string(1...10), "张*; absent of what is invalid, and once the person was forgotten"),
        ])
}
