import MemberCode

/// The door's rule as a value: what it knows, what it has accepted, and what follows for a scan.
///
/// Online the server decides and the controller obeys, but for one thing: a code that this door has accepted opens it no second time,
/// whoever says so, for the server may not have heard yet of what was decided alone. So a replay is refused before anybody is asked.
/// Alone: every failing condition is told. An exit asks only for an authentic code in its time: nobody is kept inside by a policy, a
/// list or a fault.
package struct DoorState: Sendable {
    /// Nil until the server was reached for the first time.
    package var knowledge: DoorKnowledge?
    package private(set) var accepted: AcceptedCodes
    /// The server said that this controller's key is ended or that it does not serve the door.
    package var isShutOut = false

    package init(knowledge: DoorKnowledge? = nil, accepted: AcceptedCodes = AcceptedCodes()) {
        self.knowledge = knowledge
        self.accepted = accepted
    }

    /// What is decided without asking, though the server could be: a code that was accepted here before.
    package func decideBeforeAsking(_ scan: DoorScan) -> DoorDecision? {
        guard policy.state != .unlocked, let code = codeSeen(scan.code, scan.moment), accepted.hasSeen(code) else { return nil }
        return Self.shut([.codeReplayed])
    }

    /// The decision, with the server's answer or, where none came in its time, alone. What it accepts is accepted from here on.
    package mutating func decide(_ scan: DoorScan, answer: DoorAnswer?) -> DoorDecision {
        if let replay = decideBeforeAsking(scan) { return replay }
        let decision = answer.map(Self.obey) ?? alone(scan)
        if decision.isOpen, let code = codeSeen(scan.code, scan.moment) {
            accepted.accept(code, nowSeconds: scan.moment.microseconds / 1_000_000)
        }
        return decision
    }

    /// What `decide` accepted before, taken from the journal.
    package mutating func resume(_ code: AcceptedCodes.Code, nowSeconds: Int64) {
        accepted.accept(code, nowSeconds: nowSeconds)
    }

    /// The member's code in this text if it is authentic, whatever its time.
    package func codeSeen(_ text: String, _ moment: Moment) -> AcceptedCodes.Code? {
        guard let verifier = knowledge?.verifier else { return nil }
        switch verifier.verify(text, nowMicroseconds: moment.microseconds) {
        case .valid(let code), .expired(let code), .fromFuture(let code):
            return AcceptedCodes.Code(memberID: code.memberID, sequence: code.sequence, expiresAtSeconds: code.expiresAtSeconds)
        case .malformed, .unknownKey, .forged: return nil
        }
    }

    /// What an authentic code proves of the time: it was issued no later than now. Microseconds since 1970; nil if it proves nothing, as
    /// one that was made ahead of its time does.
    package func timeProven(by text: String, at moment: Moment) -> Int64? {
        guard !moment.isCertain, case .fromFuture(let code)? = knowledge?.verifier.verify(text, nowMicroseconds: moment.microseconds),
            !code.isMadeAhead
        else { return nil }
        return Int64(code.issuedAtSeconds) * 1_000_000
    }

    private var policy: DoorPolicy { knowledge?.policy ?? DoorPolicy() }

    private static func obey(_ answer: DoorAnswer) -> DoorDecision {
        DoorDecision(
            isOpen: answer.isOpen, reasons: answer.isOpen ? [] : answer.reasons, decider: .server,
            relayMilliseconds: answer.isOpen ? answer.relayMilliseconds : 0)
    }

    private static func shut(_ reasons: [DoorReason]) -> DoorDecision {
        DoorDecision(isOpen: false, reasons: reasons.map(\.rawValue), decider: .controller, relayMilliseconds: 0)
    }

    // MARK: Alone

    private func alone(_ scan: DoorScan) -> DoorDecision {
        guard let knowledge else { return Self.shut([.offlineUnprepared]) }
        let policy = knowledge.policy
        var reasons: [DoorReason] = []
        // An emergency unlock opens for everybody, without looking at the code.
        if policy.state != .unlocked {
            let (memberID, reason) = judge(scan, knowledge)
            if let reason { reasons.append(reason) }
            if scan.direction == .inward { reasons += refusals(of: memberID, scan, knowledge) }
        }
        guard reasons.isEmpty else { return Self.shut(reasons) }
        return DoorDecision(isOpen: true, reasons: [], decider: .controller, relayMilliseconds: policy.relayMilliseconds)
    }

    /// Whose code or card it is, and what that is refused for itself.
    private func judge(_ scan: DoorScan, _ knowledge: DoorKnowledge) -> (memberID: Int64?, reason: DoorReason?) {
        let now = scan.moment.microseconds
        if scan.code.hasPrefix("WC") { return judgeCard(scan, knowledge) }
        guard scan.code.hasPrefix("WS") else { return (nil, .needsNetwork) }
        return switch knowledge.verifier.verify(scan.code, nowMicroseconds: now) {
        case .valid(let code): (code.memberID, nil)
        case .expired(let code): (code.memberID, .codeExpired)
        case .fromFuture(let code): (code.memberID, .codeFromFuture)
        case .malformed: (nil, .codeMalformed)
        case .unknownKey: (nil, .codeUnknownKey)
        case .forged: (nil, .codeForged)
        }
    }

    /// A card opens as often as it is shown. Typed after a PIN or before it, it is longer than a card and so needs the server.
    private func judgeCard(_ scan: DoorScan, _ knowledge: DoorKnowledge) -> (memberID: Int64?, reason: DoorReason?) {
        let card: MemberCard
        switch knowledge.verifier.verifyCard(scan.code, nowMicroseconds: scan.moment.microseconds) {
        case .valid(let valid): card = valid
        case .expired(let ended): return (ended.memberID, .cardExpired)
        case .fromFuture(let early): return (early.memberID, .codeFromFuture)
        case .malformed: return (nil, .needsNetwork)
        case .unknownKey: return (nil, .codeUnknownKey)
        case .forged: return (nil, .codeForged)
        }
        if knowledge.refusals.cards.contains(card.cardID) { return (card.memberID, .cardRevoked) }
        // Nobody is asked for a PIN on the way out.
        let needsPIN = scan.direction == .inward && knowledge.refusals.pinCards.contains(card.cardID)
        return (card.memberID, needsPIN ? .needsNetwork : nil)
    }

    private func refusals(of memberID: Int64?, _ scan: DoorScan, _ knowledge: DoorKnowledge) -> [DoorReason] {
        let policy = knowledge.policy
        let now = scan.moment.microseconds
        var reasons: [DoorReason] = []
        if now - knowledge.asOfMicroseconds > Int64(policy.offlineLimitHours) * 3_600_000_000 {
            // A list so old is held against nobody: either the door stays shut, or any valid code opens it.
            if policy.whenOfflineTooLong == .stayShut { reasons.append(.offlineTooLong) }
        } else if let memberID {
            let isProvisional = knowledge.refusals.provisional.contains(memberID)
            if knowledge.refusals.members.contains(memberID) || isProvisional && !policy.admitsProvisional {
                reasons.append(.memberNotActive)
            }
        }
        if isShutOut { reasons.append(.controllerShutOut) }
        if !policy.stationIsOpen, policy.stationOpensAt.map({ now < $0 }) ?? true { reasons.append(.stationClosed) }
        if policy.state == .lockedDown { reasons.append(.lockedDown) }
        if !policy.isOpen { reasons.append(.accessPointClosed) }
        if !policy.servesEntries { reasons.append(.directionNotServed) }
        if !policy.isWithinHours(now) { reasons.append(.outsideHours) }
        if policy.asksForAttributes { reasons.append(.offlineUnverifiable) }
        return reasons
    }
}
