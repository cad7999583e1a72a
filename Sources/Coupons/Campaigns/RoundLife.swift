import Crypto
import HTTP
package import Postgres
package import Programs
import Registry
import Runtime

/// The steps of a round's life: judged, written, told, within one transaction that holds the campaign and the round.
package struct RoundLife: Sendable {
    let campaigns: CouponCampaignStore
    let rounds: CouponRoundStore
    let programs: Programs
    let audit: AuditStore
    let outbox: OutboxStore
    let sealer: Sealer
    let clock: Clock

    /// What a shuffle's sealed secret is bound to.
    static let secretColumn = SealedColumn(table: "coupon_round", column: "lottery_secret_sealed")

    /// How long before its opening a round is announced at the latest: phones have to hear of it.
    static let noticeSeconds: Int64 = 1

    /// What is wrong with a round of this campaign.
    static func faults(of facts: CouponRoundFacts, in campaign: CouponCampaign) -> [Violation] {
        var faults = facts.faults()
        if campaign.facts.goods != nil, facts.mode == .draw {
            faults.append(
                Violation(
                    "coupon.goods_are_not_drawn", pointer: "/mode", zh: "实物不能用抽签方式", en: "Of goods, whoever claims says where to pick up"))
        }
        return faults
    }

    /// Freezes what a draft says, publishes its hash and the commitment to the lottery; a draw becomes a program.
    package func announce(
        _ round: CouponRound, of campaign: CouponCampaign, by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> CouponRound {
        guard round.state == .draft else { throw Problem(CouponProblem.frozen) }
        var faults = Self.faults(of: round.facts, in: campaign)
        if round.facts.stock == 0 {
            faults.append(Violation("coupon.stock_empty", pointer: "/stock", zh: "数量须大于零", en: "There is nothing to give"))
        }
        if round.facts.opensAt.microseconds < clock.nowMicroseconds + Self.noticeSeconds * 1_000_000 {
            faults.append(
                Violation("coupon.opens_in_past", pointer: "/opensAt", zh: "开始时间已过", en: "It opens before anybody could hear of it"))
        }
        guard faults.isEmpty else { throw CouponProblem.invalid(faults) }
        let secret = round.facts.mode == .equalStart ? CommittedShuffle.drawSecret() : nil
        let commitment = secret.map { CommittedShuffle.commitment(to: $0) }
        var program: ID<UnionProgram>?
        if round.facts.mode == .draw { program = try await makeProgram(of: round, campaign, by: actor, in: querying) }
        let hash = SHA256.hash(try JSON.encode(RoundAnnouncement(round, campaign, commitment: commitment, program: program)))
        try await rounds.announce(
            round,
            CouponRoundStore.Announcement(
                hash: hash, secretSealed: secret.map { sealer.seal($0, in: Self.secretColumn, row: round.id.rawValue) },
                commitment: commitment, programID: program), in: querying)
        return try await told("announced", round, campaign, by: actor, in: querying)
    }

    /// A draw's claims are applications to a program that opens and closes with the round and is shared out at its end.
    private func makeProgram(
        of round: CouponRound, _ campaign: CouponCampaign, by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> ID<UnionProgram> {
        let facts = round.facts
        let title = "\(campaign.facts.title.prefix(90)) · \(round.number)"
        let program = try await programs.programs.create(
            ProgramFacts(
                title: title, shares: .coupon, rules: facts.rules, timeZone: campaign.facts.window.timeZone, opensAt: facts.opensAt,
                closesAt: facts.closesAt, runAt: facts.closesAt, resultsAt: facts.closesAt),
            of: campaign.organizationID, quota: facts.stock, by: actor.subject, in: querying)
        return try await programs.life.announce(program.id, by: actor, in: querying).id
    }

    /// - Parameter reason: nil resumes.
    func pause(
        _ round: CouponRound, of campaign: CouponCampaign, reason: String?, by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> CouponRound {
        guard round.state == .announced else { throw Problem(CouponProblem.wrongState) }
        try await rounds.pause(round.id, reason: reason, in: querying)
        return try await told(reason == nil ? "resumed" : "paused", round, campaign, reason: reason, by: actor, in: querying)
    }

    func cancel(
        _ round: CouponRound, of campaign: CouponCampaign, reason: String, by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> CouponRound {
        guard try await rounds.cancel(round, reason: reason, in: querying) else { throw Problem(CouponProblem.wrongState) }
        if let program = round.programID { _ = try await programs.life.cancel(program, reason: reason, by: actor, in: querying) }
        return try await told("cancelled", round, campaign, reason: reason, by: actor, in: querying)
    }

    /// Writes the step down, in the campaign's own history, the audit and the outbox.
    /// - Returns: the round as it is now.
    func told(
        _ step: String, _ before: CouponRound, _ campaign: CouponCampaign, details: [String: String] = [:], reason: String? = nil,
        by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> CouponRound {
        guard let after = try await rounds.find(before.id, in: querying) else { throw Problem(CouponProblem.roundUnknown) }
        try await campaigns.note(
            step, on: campaign.id, round: before.id, details: details, reason: reason, by: actor.subject, in: querying)
        try await audit.record(
            "coupon_round.\(step)", subject: "coupon_round:\(before.id)", organization: campaign.organizationID, details: details,
            actor: actor.subject, requestID: actor.requestID, in: querying)
        try await outbox.emit(
            "coupon_round.\(step)", subject: "coupon_round:\(before.id)", organization: campaign.organizationID,
            data: RoundTold(roundId: before.id, campaignId: campaign.id, state: after.state.rawValue), in: querying)
        return after
    }
}

/// What receivers of webhooks get of a step.
private struct RoundTold: Codable, Sendable {
    let roundId: ID<CouponRound>
    let campaignId: ID<CouponCampaign>
    let state: String
}

/// What is frozen when a round is announced: the SHA-256 of its JSON is the round's `rulesHash`.
private struct RoundAnnouncement: Encodable {
    let roundId: ID<CouponRound>
    let campaignId: ID<CouponCampaign>
    let number: Int32
    let mode: FairnessMode
    let opensAt: String
    let closesAt: String
    let stock: Int32
    let faceFen: Int64
    let cap: Int32
    let equalStartSeconds: Int32?
    let leftover: LeftoverRule
    let reservesEndAt: String?
    let rules: ProgramRules
    let commitment: String?
    let programId: ID<UnionProgram>?

    init(_ round: CouponRound, _ campaign: CouponCampaign, commitment: [UInt8]?, program: ID<UnionProgram>?) {
        let facts = round.facts
        roundId = round.id
        campaignId = campaign.id
        number = round.number
        mode = facts.mode
        opensAt = facts.opensAt.description
        closesAt = facts.closesAt.description
        stock = facts.stock
        faceFen = round.faceFen
        cap = facts.cap
        equalStartSeconds = facts.equalStartSeconds
        leftover = facts.leftover
        reservesEndAt = facts.reservesEndAt?.description
        rules = facts.rules
        self.commitment = commitment.map { Hex.encode($0) }
        programId = program
    }
}
