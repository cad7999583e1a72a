import Crypto
import FoundationEssentials
import Postgres
import Programs
import Registry
import Runtime
import Scheduler

/// What is done by the clock: the shuffle of an equal start, the coupons of a draw, leftovers, expiry.
struct CouponJobs: Sendable {
    let database: Database
    let rounds: RoundDueStore
    let life: RoundLife
    let sealer: Sealer

    private static let actor = ProgramLife.Actor(subject: "job:coupons")
    private static let expiredAtOnce: Int32 = 1_000
    private static let roundsAtOnce = 50

    var all: [Job] {
        [
            Job("coupons.shuffle", every: .milliseconds(500)) { fence in try await shuffle(fence) ? .more : .idle },
            Job("coupons.draws", every: .seconds(5)) { fence in try await issueDraws(fence) ? .more : .idle },
            Job("coupons.close", every: .seconds(5)) { fence in try await close(fence) ? .more : .idle },
            Job("coupons.expire", every: .seconds(60)) { fence in try await expire(fence) == Self.expiredAtOnce ? .more : .idle },
        ]
    }

    /// Shuffles the first seconds of every equal start that are over: all of whoever came in them by the committed lottery, then whoever
    /// came later and still had to wait, in the order of their arrival.
    private func shuffle(_ fence: JobFence) async throws -> Bool {
        let due = try await rounds.toShuffle(limit: Self.roundsAtOnce)
        for id in due {
            try await database.inTransaction { transaction in
                try await fence.hold(in: transaction)
                guard let round = try await life.rounds.hold(id, in: transaction), round.state == .announced, round.shuffledAt == nil,
                    let campaign = try await life.campaigns.find(round.campaignID, in: transaction),
                    let sealed = try await rounds.secret(of: id, in: transaction)
                else { return }
                let secret = try sealer.open(sealed, in: RoundLife.secretColumn, row: id.rawValue)
                let waiting = try await rounds.waiting(of: id, in: transaction)
                let order = ShuffleOrder.order(waiting, of: round, secret: secret)
                let (won, lost) = try await rounds.shuffle(id, order, in: transaction)
                _ = try await life.told(
                    "shuffled", round, campaign,
                    details: ["won": "\(won)", "lost": "\(lost)", "secret": Hex.encode(secret)], by: Self.actor, in: transaction)
            }
        }
        return due.count == Self.roundsAtOnce
    }

    private func issueDraws(_ fence: JobFence) async throws -> Bool {
        let due = try await rounds.toIssue(limit: Self.roundsAtOnce)
        for id in due {
            try await database.inTransaction { transaction in
                try await fence.hold(in: transaction)
                guard let round = try await life.rounds.hold(id, in: transaction),
                    let campaign = try await life.campaigns.find(round.campaignID, in: transaction),
                    let given = try await rounds.issueDraw(id, in: transaction)
                else { return }
                _ = try await life.told("drawn", round, campaign, details: ["won": "\(given)"], by: Self.actor, in: transaction)
            }
        }
        return due.count == Self.roundsAtOnce
    }

    private func close(_ fence: JobFence) async throws -> Bool {
        let due = try await rounds.toClose(limit: Self.roundsAtOnce)
        for id in due {
            try await database.inTransaction { transaction in
                try await fence.hold(in: transaction)
                guard let round = try await life.rounds.hold(id, in: transaction),
                    let campaign = try await life.campaigns.find(round.campaignID, in: transaction),
                    let closed = try await rounds.close(id, in: transaction)
                else { return }
                var details = ["leftover": "\(closed.leftover)"]
                details["carriedTo"] = closed.next?.description
                _ = try await life.told("closed", round, campaign, details: details, by: Self.actor, in: transaction)
            }
        }
        return due.count == Self.roundsAtOnce
    }

    private func expire(_ fence: JobFence) async throws -> Int32 {
        try await database.inTransaction { transaction in
            try await fence.hold(in: transaction)
            return try await rounds.expire(limit: Self.expiredAtOnce, in: transaction)
        }
    }
}

/// The order in which those who waited for a shuffle are served. Pure.
enum ShuffleOrder {
    struct Waiting: Sendable {
        let memberID: ID<Member>
        let requestID: UUID
        /// Drawn when it was claimed.
        let ticket: Int64
        let arrival: Int64
        let claimedAt: Timestamp
    }

    /// - Parameter secret: the one that was committed to when the round was announced: 32 bytes.
    static func order(_ waiting: [Waiting], of round: CouponRound, secret: [UInt8]) -> [Waiting] {
        let seconds = Int64(round.facts.equalStartSeconds ?? 0)
        let end = round.facts.opensAt.microseconds + seconds * 1_000_000
        let (early, late) = (waiting.filter { $0.claimedAt.microseconds < end }, waiting.filter { $0.claimedAt.microseconds >= end })
        let shuffle = CommittedShuffle(secret: secret, name: "coupon_round:\(round.id)")
        // Equal numbers are served as they came, and the database names them in no order.
        let inOrder = early.sorted { $0.arrival < $1.arrival }
        let shuffled = shuffle.order(of: inOrder.map { UInt64(bitPattern: $0.ticket) }).map { inOrder[$0] }
        return shuffled + late.sorted { $0.arrival < $1.arrival }
    }
}
