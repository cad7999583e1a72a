import Crypto
import FoundationEssentials
import MemberCode
import Runtime

/// What the controller and the server say to each other, as JSON.
enum ServerMessages {
    struct Scan: Encodable {
        let code: String
        let accessPointId: Int64
        let direction: DoorDirection
        let occurredAt: String
        let requestId: String
    }

    struct ScanAnswer: Decodable {
        struct Reason: Decodable { let code: String }

        let open: Bool
        let relayMilliseconds: Int32
        let reasons: [Reason]
    }

    struct JournalEntry: Encodable {
        let requestId: String
        let direction: DoorDirection
        let occurredAt: String
        let code: String
        let open: Bool
        let reasons: [String]
        let relayMilliseconds: Int32
        let isTimeUncertain: Bool
    }

    struct Upload: Encodable {
        let accessPointId: Int64
        let entries: [JournalEntry]
    }

    struct UploadAnswer: Decodable {
        struct Result: Decodable {
            let requestId: String
            let outcome: String
            let reason: String?
        }

        let results: [Result]
    }

    struct Sync: Decodable {
        struct Key: Decodable {
            let id: UInt8
            let key: String
        }

        struct Refusals: Decodable {
            let version: Int64
            let digest: String
            let isFull: Bool
            let members: String
            let provisional: String
            let cards: String
            let pinCards: String
            /// Ids that stand in none of the lists any more, or in another one; by kind.
            let membersCleared: String
            let provisionalCleared: String
            let cardsCleared: String
            let pinCardsCleared: String
        }

        let serverTime: String
        let policy: DoorPolicy
        let publicKeys: [Key]
        let refusals: Refusals
    }

    struct Heartbeat: Encodable {
        /// By the wall clock, uncorrected: the server compares it with its own and raises an alarm when they differ too much.
        let occurredAt: String
        let softwareVersion: String
        let journalLength: Int64
        /// Nil when it has no list yet.
        let refusalListAgeSeconds: Int64?
        let doorState: DoorContact.State
    }

    struct Pairing: Encodable { let pairingCode: String }
    struct Paired: Decodable { let key: String }
    struct Problem: Decodable { let code: String }

    /// RFC 3339 in UTC, kept within the years that it can write.
    static func dateTime(_ microseconds: Int64) -> String {
        timestamp(microseconds: min(max(0, microseconds), 253_402_300_799_999_999))
    }
}

extension ServerMessages.Sync {
    /// The verifier of its keys; nil if one of them is none.
    var verifier: OfflineVerifier? {
        var keys: [UInt8: PublicKey] = [:]
        for entry in publicKeys {
            guard let bytes = Base64URL.decode(entry.key) else { return nil }
            do { keys[entry.id] = try PublicKey(bytes: bytes) } catch { return nil }
        }
        return OfflineVerifier(publicKeys: keys)
    }
}

extension ServerMessages.Sync.Refusals {
    /// What the lists become; nil when they do not come out as the server has them, so that all of them must be asked for.
    func applied(to old: Refusals) -> Refusals? {
        func set(_ text: String) -> NumberSet? { Base64URL.decode(text).flatMap { NumberSet(bytes: $0) } }
        guard let members = set(members), let provisional = set(provisional), let cards = set(cards), let pinCards = set(pinCards),
            let membersCleared = set(membersCleared), let provisionalCleared = set(provisionalCleared),
            let cardsCleared = set(cardsCleared), let pinCardsCleared = set(pinCardsCleared)
        else { return nil }
        var new = isFull ? Refusals() : old
        new.version = version
        new.members.change(adding: members, removing: membersCleared)
        new.provisional.change(adding: provisional, removing: provisionalCleared)
        new.cards.change(adding: cards, removing: cardsCleared)
        new.pinCards.change(adding: pinCards, removing: pinCardsCleared)
        return new.digest == UInt64(digest, radix: 16) ? new : nil
    }
}
