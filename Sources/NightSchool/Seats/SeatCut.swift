import HTTP
import Postgres
import Registry
import Runtime

/// A proposal that takes seats of a class away from people.
struct SeatCut: Sendable {
    /// No later proposal has it.
    let id: Int64
    let capacity: Int32
    let reason: String
    let proposedBy: String
}

/// Fewer seats than are taken.
struct ClassCutBody: Codable, Sendable, APIType {
    let capacity: Int32
    let reason: String

    static let schema = Schema.object(
        "ClassCutBody", "Fewer seats than are taken",
        [.required("capacity", .integer(1...100_000)), .required("reason", .string(1...500), "Those who lose their seat see it")])
}

/// What the second organizer looked at.
struct ClassCutConfirmation: Codable, Sendable, APIType {
    let id: Int64

    static let schema = Schema.object(
        "ClassCutConfirmation", "What the second organizer looked at", [.required("id", .id, "Of the proposal that was looked at")])
}

/// A proposal that waits for a second organizer.
struct ClassCutAnswer: Codable, Sendable, APIType {
    let id: Int64
    let classId: ID<SchoolClass>
    let capacity: Int32
    let taken: Int32
    let proposedBy: String
    let reason: String
    let losers: [ID<Member>]

    init(_ found: ClassAnswer, _ cut: SeatCut, _ losers: [ID<Member>]) {
        id = cut.id
        classId = found.id
        capacity = cut.capacity
        taken = found.capacity - found.free
        proposedBy = cut.proposedBy
        reason = cut.reason
        self.losers = losers
    }

    static let schema = Schema.object(
        "ClassCut", "A proposal that waits for a second organizer",
        [
            .required("id", .id, "Another one with each proposal: the confirmation names it"), .required("classId", .id),
            .required("capacity", .integer(1...100_000)), .required("taken", .integer(0...100_000), "Seated and offered"),
            .required("proposedBy", .string(1...100)), .required("reason", .string(1...500)),
            .required(
                "losers", .array(of: .id, 0...100_000),
                "Members who would lose their seat, as things stand now, who would lose it first first: they go to the head of the queue"),
        ])
}

extension SchoolProblem {
    /// How many would lose, and who.
    static func below(_ taken: Int32, _ losers: [ID<Member>]) -> Problem {
        Problem(
            seatsTaken,
            detail: Localized(
                zh: "已占 \(taken) 个名额，有 \(losers.count) 人将失去名额，须提出缩减并由另一人确认",
                en: "\(taken) seats are taken and \(losers.count) would lose theirs: propose a cut for another organizer to confirm"),
            violations: losers.prefix(100).map { member in
                Violation(
                    "school.would_lose_seat", pointer: "/capacity", zh: "会员 \(member) 将失去名额",
                    en: "Member \(member) would lose the seat")
            })
    }
}
