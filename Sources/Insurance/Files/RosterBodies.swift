import Crypto
import HTTP
import Postgres
import Registry
import Runtime

/// A roster as organizers see it.
struct RosterAnswer: Codable, Sendable, APIType {
    let number: Int32
    let lines: Int32
    let again: Int32
    let sha256: String
    let madeBy: String
    let madeAt: String
    let receivedAt: String?
    let receivedBy: String?

    init(_ roster: InsuranceRoster) {
        number = roster.number
        lines = roster.lines
        again = roster.again
        sha256 = Hex.encode(roster.contentHash)
        madeBy = roster.madeBy
        madeAt = roster.madeAt.description
        receivedAt = roster.receivedAt?.description
        receivedBy = roster.receivedBy
    }

    static let schema = Schema.object(
        "InsuranceRoster", "A file by which the insurer was asked to write policies",
        [
            .required("number", .integer(1...Int64(Int32.max)), "Within the batch"),
            .required("lines", .integer(1...Int64(RosterDesk.linesMax))),
            .required("again", .integer(0...Int64(RosterDesk.linesMax)), "Lines that an earlier roster had, too"),
            .required("sha256", .string(64...64), "Of the file as it was first written"), .required("madeBy", .string(1...100)),
            .required("madeAt", .dateTime), .optional("receivedAt", .dateTime, "When somebody said that the insurer has it"),
            .optional("receivedBy", .string(1...100)),
        ])
}

struct RosterList: Codable, Sendable, APIType {
    let items: [RosterAnswer]
    let next: String?

    static let schema = Schema.object(
        "InsuranceRosterList", "A page of rosters", [.required("items", .array(of: RosterAnswer.schema, 0...200)), PageCursor.next])
}
