import Crypto
import Glibc
import Runtime
import Synchronization

/// The door's state and journal behind one lock: the thread that decides, the one that runs errands and the one that hears commands share
/// it. The lock is held while a decision is put on the disk, never while anybody waits for the network.
final class Door: Sendable {
    private struct Core: ~Copyable {
        var state: DoorState
        var clock: DoorClock
        var journal: Journal
        var isJournalWritable = true
        /// Decisions that the disk did not take: they go before anything else.
        var owed: [JournalRecord] = []
    }

    private let core: Mutex<Core>
    private let knowledgeFile: KnowledgeFile
    private let readClock: @Sendable () -> ClockReading
    private let log: Log

    /// Takes up what `folder` holds of an earlier life.
    init(folder: String, readClock: @escaping @Sendable () -> ClockReading, log: Log) throws(SystemError) {
        let journal = try Journal(folder: folder)
        if journal.damagedBytes > 0 { log.warning("journal.damaged", ["bytes": .integer(Int64(journal.damagedBytes))]) }
        let kept = journal.replay.summary
        var clock = DoorClock()
        if let anchor = kept.anchor { clock.resume(anchor) }
        clock.know(atLeast: kept.floorMicroseconds)
        knowledgeFile = KnowledgeFile(folder: folder)
        let state = DoorState(knowledge: knowledgeFile.read(), accepted: kept.accepted)
        if let knowledge = state.knowledge { clock.know(atLeast: knowledge.asOfMicroseconds) }
        core = Mutex(Core(state: state, clock: clock, journal: journal))
        self.readClock = readClock
        self.log = log
    }

    // MARK: Scans

    /// What to do with a scan that has been put into the journal.
    enum Begun: Sendable {
        case decided(DoorDecision)
        case toBeAsked
    }

    /// The scan that the process before this one did not finish: its door stayed shut, and the server may have said otherwise.
    func settleUnfinished() -> (DoorScan, DoorDecision)? {
        core.withLock { core in
            guard let scan = core.journal.replay.unfinished else { return nil }
            let decision = DoorDecision(
                isOpen: false, reasons: [DoorReason.controllerRestarted.rawValue], decider: .controller, relayMilliseconds: 0)
            return keep(.decided(decision, nil), in: &core) ? (scan, decision) : nil
        }
    }

    /// The best estimate of the true time, microseconds since 1970.
    var now: Int64 { core.withLock { $0.clock.moment(readClock()).microseconds } }

    /// Whether the true time is known.
    var isTimeCertain: Bool { core.withLock { $0.clock.moment(readClock()).isCertain } }

    /// Gives a code read at the door its number and time, and writes down that it was read.
    func begin(_ code: String, _ direction: DoorDirection) -> (scan: DoorScan, begun: Begun) {
        core.withLock { core in
            var moment = core.clock.moment(readClock())
            if let proven = core.state.timeProven(by: code, at: moment) {
                core.clock.know(atLeast: proven)
                moment = core.clock.moment(readClock())
            }
            let scan = DoorScan(
                requestID: UUIDv7(microseconds: moment.microseconds), direction: direction, moment: moment, code: code)
            guard keep(.begun(scan), in: &core) else { return (scan, .decided(unwritten(scan, core.state))) }
            if let replay = core.state.decideBeforeAsking(scan) {
                return (scan, .decided(decided(replay, nil, scan, in: &core)))
            }
            return (scan, .toBeAsked)
        }
    }

    /// Decides, and returns once that is on the disk.
    func finish(_ scan: DoorScan, _ answer: DoorServer.Asked) -> DoorDecision {
        core.withLock { core in
            var heard: DoorAnswer?
            switch answer {
            case .answered(let answer):
                heard = answer
                core.state.isShutOut = false
            case .shutOut: core.state.isShutOut = true
            case .unanswered: break
            }
            let decision = core.state.decide(scan, answer: heard)
            let code = decision.isOpen ? core.state.codeSeen(scan.code, scan.moment) : nil
            return decided(decision, code, scan, in: &core)
        }
    }

    /// Puts the decision on the disk; where that fails another one takes its place, which is owed to the journal.
    private func decided(
        _ decision: DoorDecision, _ code: AcceptedCodes.Code?, _ scan: DoorScan, in core: inout Core
    ) -> DoorDecision {
        if keep(.decided(decision, code), in: &core) { return decision }
        let instead = unwritten(scan, core.state)
        core.owed.append(.decided(instead, instead.isOpen ? core.state.codeSeen(scan.code, scan.moment) : nil))
        return instead
    }

    /// A disk that cannot be written promises nothing: entries stay out; but nobody is kept inside by it.
    private func unwritten(_ scan: DoorScan, _ state: DoorState) -> DoorDecision {
        let isExit = scan.direction == .outward && state.codeSeen(scan.code, scan.moment) != nil
        return DoorDecision(
            isOpen: isExit, reasons: isExit ? [] : [DoorReason.journalUnwritable.rawValue], decider: .controller,
            relayMilliseconds: isExit ? state.knowledge?.policy.relayMilliseconds ?? 3_000 : 0)
    }

    private func keep(_ record: JournalRecord, in core: inout Core, isDurable: Bool = true) -> Bool {
        do {
            while let owed = core.owed.first {
                try core.journal.append(owed, isDurable: isDurable)
                core.owed.removeFirst()
            }
            try core.journal.append(record, isDurable: isDurable)
            core.isJournalWritable = true
            return true
        } catch {
            if core.isJournalWritable { log.error("journal.unwritable", ["reason": .text("\(error)")]) }
            core.isJournalWritable = false
            return false
        }
    }

    // MARK: Commands

    /// Whether this command is new: it is carried out once, however often it comes.
    func isNew(command: Int64) -> Bool {
        core.withLock { core in
            guard !core.journal.replay.summary.commands.contains(command) else { return false }
            return keep(.commanded(command), in: &core)
        }
    }

    /// The station was locked down, unlocked or set back; the policy will say the same at the next sync.
    func become(_ state: DoorPolicy.State) {
        core.withLock { $0.state.knowledge?.policy.state = state }
    }

    var policy: DoorPolicy? { core.withLock { $0.state.knowledge?.policy } }

    // MARK: Errands

    /// The server said its time.
    func hear(_ microseconds: Int64, resolution: Int64, asked: ClockReading, answered: ClockReading) {
        core.withLock { core in
            let anchor = core.clock.hear(microseconds, resolution: resolution, asked: asked, answered: answered)
            if let anchor { _ = keep(.heard(anchor), in: &core, isDurable: false) }
        }
    }

    /// The version of the refusals to ask news since; nil when all of them are needed.
    var refusalsVersion: Int64? { core.withLock { $0.state.knowledge?.refusals.version } }

    /// Takes what the server says.
    /// - Returns: false when the refusals did not come out right, so that all of them must be asked for.
    func learn(_ news: ServerMessages.Sync, asked: ClockReading, answered: ClockReading) -> Bool {
        guard let time = microseconds(dateTime: news.serverTime), let verifier = news.verifier else { return true }
        hear(time, resolution: 0, asked: asked, answered: answered)
        let old = core.withLock { $0.state.knowledge?.refusals }
        guard let refusals = news.refusals.applied(to: old ?? Refusals()) else {
            log.warning("refusals.mismatch", ["version": .integer(news.refusals.version)])
            return news.refusals.isFull
        }
        do {
            try knowledgeFile.write(news, refusals: refusals, asOf: time, refusalsChanged: refusals != old)
        } catch {
            log.error("knowledge.unwritable", ["reason": .text("\(error)")])
        }
        core.withLock { core in
            core.state.isShutOut = false
            core.state.knowledge = DoorKnowledge(
                policy: news.policy, verifier: verifier, refusals: refusals, asOfMicroseconds: time)
        }
        return true
    }

    func shutOut() { core.withLock { $0.state.isShutOut = true } }

    /// The next decisions to upload, with their true times.
    func page(limit: Int) throws(SystemError) -> (page: Journal.Page, entries: [ServerMessages.JournalEntry]) {
        let (result, clock): (Result<Journal.Page, SystemError>, DoorClock) = core.withLock { core in
            do throws(SystemError) { return (.success(try core.journal.page(limit: limit)), core.clock) } catch {
                return (.failure(error), core.clock)
            }
        }
        let page = try result.get()
        let entries = page.entries.map { entry in
            let moment = clock.corrected(entry.scan.moment)
            return ServerMessages.JournalEntry(
                requestId: entry.scan.requestID.description, direction: entry.scan.direction,
                occurredAt: ServerMessages.dateTime(moment.microseconds), code: entry.scan.code, open: entry.decision.isOpen,
                reasons: entry.decision.reasons, relayMilliseconds: entry.decision.relayMilliseconds, isTimeUncertain: !moment.isCertain)
        }
        return (page, entries)
    }

    func acknowledge(_ page: Journal.Page) throws(SystemError) {
        let result: Result<Void, SystemError> = core.withLock { core in
            do throws(SystemError) { return .success(try core.journal.acknowledge(page)) } catch { return .failure(error) }
        }
        try result.get()
    }

    /// Decisions that the server may not have, and what a heartbeat tells besides.
    var figures: (pending: Int64, wallMicroseconds: Int64, refusalsAgeSeconds: Int64?, wallAheadSeconds: Int64) {
        core.withLock { core in
            let reading = readClock()
            let now = core.clock.moment(reading).microseconds
            let age = core.state.knowledge.map { max(0, now - $0.asOfMicroseconds) / 1_000_000 }
            return (
                Int64(clamping: core.journal.replay.pending), reading.wallMicroseconds, age, core.clock.wallAhead(reading) / 1_000_000
            )
        }
    }
}
