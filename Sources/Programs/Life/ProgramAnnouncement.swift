import Crypto
import HTTP
import Postgres
import Registry
import Runtime

/// What everybody is told of a program before it opens: its JSON, byte for byte, is what `rulesHash` is the SHA-256 of.
struct ProgramAnnouncement: Codable, Sendable, APIType {
    let programId: ID<UnionProgram>
    let organizationId: ID<Organization>
    let partOf: ID<UnionProgram>?
    let title: String
    let shares: UnionProgram.Share
    let quota: Int32
    let rules: ProgramRules
    let family: String?
    let period: String?
    let timeZone: String
    let opensAt: String?
    let closesAt: String?
    let resultsAt: String?
    let offerHours: Int32?
    let keepsWaiting: Bool
    let appeal: String?
    let lotteryKind: UnionProgram.LotteryKind
    let beaconSource: String?
    /// SHA-256 of "alloc-commit-v1", a zero byte and the secret, in hex digits.
    let commitment: String
    let sessions: [SessionBody]

    init(_ program: UnionProgram, _ sessions: [ProgramSession], commitment: [UInt8]) {
        let facts = program.facts
        programId = program.id
        organizationId = program.organizationID
        partOf = program.parentID
        title = facts.title
        shares = facts.shares
        quota = program.quota
        rules = facts.rules
        family = facts.family
        period = facts.period
        timeZone = facts.timeZone
        opensAt = facts.opensAt?.description
        closesAt = facts.closesAt?.description
        resultsAt = facts.resultsAt?.description
        offerHours = facts.offerHours
        keepsWaiting = facts.keepsWaiting
        appeal = facts.appeal
        lotteryKind = facts.lotteryKind
        beaconSource = facts.beaconSource
        self.commitment = Hex.encode(commitment)
        self.sessions = sessions.map(SessionBody.init)
    }

    static let schema = Schema.object(
        "ProgramAnnouncement", "What was announced; the SHA-256 of these very bytes is the program's rulesHash",
        [
            .required("programId", .id), .required("organizationId", .id), .optional("partOf", .id), .required("title", .string(1...100)),
            .required("shares", .oneOf(UnionProgram.Share.allCases.map(\.rawValue))), .required("quota", .integer(0...1_000_000_000)),
            .required("rules", .json), .optional("family", .string(1...40)), .optional("period", .string(1...40)),
            .required("timeZone", .string(1...64)), .optional("opensAt", .dateTime), .optional("closesAt", .dateTime),
            .optional("resultsAt", .dateTime), .optional("offerHours", .integer(1...720)), .required("keepsWaiting", .boolean),
            .optional("appeal", .string(1...500)), .required("lotteryKind", .oneOf(UnionProgram.LotteryKind.allCases.map(\.rawValue))),
            .optional("beaconSource", .string(1...200)), .required("commitment", .string(64...64)),
            .required("sessions", .array(of: SessionBody.schema, 0...65_535)),
        ])
}
