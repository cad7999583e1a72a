import HTTP
import Postgres
import Registry
import Runtime

/// One line of a class's list, for organizers: the person by number and masked.
struct SeatLine: Codable, Sendable, APIType {
    let memberId: ID<Member>
    let enrolmentId: ID<Enrolment>
    let name: String?
    let phone: String?
    let state: Enrolment.State
    /// Of who waits: in this class's queue, 1 for the next.
    let place: Int32?
    /// Which of the wishes this class is, 1 for the dearest.
    let wish: Int32?
    let offeredUntil: Timestamp?
    let enrolledAt: Timestamp
    let changedAt: Timestamp

    static let schema = Schema.object(
        "SeatLine", "One line of a class's list; the person is masked",
        [
            .required("memberId", .id), .required("enrolmentId", .id), .optional("name", .string(1...100), "Masked"),
            .optional("phone", .string(1...40), "Masked"), .required("state", .oneOf(Enrolment.State.allCases.map(\.rawValue))),
            .optional("place", .integer(1...10_000_000), "Of who waits: in this class's queue, 1 for the next"),
            .optional("wish", .integer(1...8), "Which of the wishes this class is, 1 for the dearest"),
            .optional("offeredUntil", .dateTime), .required("enrolledAt", .dateTime), .required("changedAt", .dateTime),
        ])
}

struct SeatLineList: Codable, Sendable, APIType {
    let items: [SeatLine]
    let next: String?

    static let schema = Schema.object(
        "SeatLineList", "A page of a class's list: the seated, the offered, who waits in their order, and who has applied",
        [.required("items", .array(of: SeatLine.schema, 0...200)), .optional("next", SeatCursor.schema, "Where the list goes on")])
}

/// Where a class's list goes on: which part of it, and after which line.
struct SeatCursor: Sendable {
    let part: Int32
    let key: Int64

    static let start = SeatCursor(part: 0, key: .min)
    static let schema = Schema.string(
        3...24, pattern: Pattern("^[1-4]\\.-?[0-9]+$") { text in SeatCursor(String(decoding: text, as: UTF8.self)) != nil })

    init(part: Int32, key: Int64) {
        self.part = part
        self.key = key
    }

    /// `3.17`; nil for what is none.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let part = Int32(parts[0]), (1...4).contains(part), let key = Int64(parts[1]) else { return nil }
        self.init(part: part, key: key)
    }

    var text: String { "\(part).\(key)" }
}
