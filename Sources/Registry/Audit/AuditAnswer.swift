import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Runtime

struct AuditEntryAnswer: Codable, Sendable, APIType {
    let id: ID<AuditEntry>
    let occurredAt: String
    let actor: String
    let action: String
    let subject: String
    let organizationId: ID<Organization>?
    let requestId: String?
    let details: [String: String]
    let position: Int64?
    let hash: String?
    let seal: AuditSealAnswer?

    init(_ found: AuditStore.Found) {
        let entry = found.entry
        id = entry.id
        occurredAt = entry.occurredAt.description
        actor = entry.actor
        action = entry.action
        subject = entry.subject
        organizationId = entry.organizationID
        requestId = entry.requestID
        // Only a row that somebody changed by hand is no such object; the verification names it.
        do { details = try JSON.decode([String: String].self, from: Array(entry.details.utf8)) } catch { details = [:] }
        position = found.link?.position
        hash = found.link.map { Hex.encode($0.hash) }
        seal = found.seal.map(AuditSealAnswer.init)
    }

    private static let word = Schema.string(0...1_000)

    static let schema = Schema.object(
        "AuditEntry", "Who did what to what",
        [
            .required("id", .id), .required("occurredAt", .dateTime), .required("actor", word, "account:1, device:2, job:transfers"),
            .required("action", word, "What was done: member.created"), .required("subject", word, "member:12"),
            .optional("organizationId", .id, "Whose it is"), .optional("requestId", word),
            .required("details", .map(of: word), "Words and numbers, no personal data"),
            .optional("position", .id, "Its place in the chain; absent while it waits for its seal"),
            .optional("hash", .string(64...64), "SHA-256 over the place, the entry and the hash before it"),
            .optional("seal", AuditSealAnswer.schema, "The signature over its batch; with one entry only"),
        ])
}

struct AuditEntryList: Codable, Sendable, APIType {
    let items: [AuditEntryAnswer]
    let next: String?

    static let schema = Schema.object(
        "AuditEntryList", "A page of the audit", [.required("items", .array(of: AuditEntryAnswer.schema, 0...200)), PageCursor.next])
}

struct AuditSealAnswer: Codable, Sendable, APIType {
    let chain: Int16
    let firstPosition: Int64
    let lastPosition: Int64
    let lastHash: String
    let sealedAt: String
    let signature: String
    let line: String

    init(_ seal: AuditSeal) {
        chain = seal.chainID
        firstPosition = seal.firstPosition
        lastPosition = seal.lastPosition
        lastHash = Hex.encode(seal.lastHash)
        sealedAt = Timestamp(microseconds: seal.sealedAtMicroseconds).description
        signature = Hex.encode(seal.signature)
        line = seal.line
    }

    static let schema = Schema.object(
        "AuditSeal", "The signed end of a batch",
        [
            .required("chain", .integer(0...32_767)), .required("firstPosition", .id), .required("lastPosition", .id),
            .required("lastHash", .string(64...64)), .required("sealedAt", .dateTime),
            .required("signature", .string(128...128), "Ed25519"),
            .required("line", .string(1...500), "As a file of checkpoints has it, for `waystation audit verify`"),
        ])
}

struct AuditSealList: Codable, Sendable, APIType {
    let publicKey: String
    let items: [AuditSealAnswer]

    static let schema = Schema.object(
        "AuditSealList", "The newest seals",
        [.required("publicKey", .string(64...64), "Ed25519"), .required("items", .array(of: AuditSealAnswer.schema, 0...200))])
}
