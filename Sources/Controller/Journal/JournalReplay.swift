/// What a journal comes to, record by record: the same whether they are read at the start or written one by one.
struct JournalReplay: Hashable, Sendable {
    /// Its `decided` counts every decision so far.
    private(set) var summary = JournalSummary()
    /// How many of them the server has.
    private(set) var acknowledged: UInt64 = 0
    /// A scan without a decision: the controller was stopped in between.
    private(set) var unfinished: DoorScan?

    /// How many decisions the server does not have yet, those among them that it took itself.
    var pending: UInt64 { summary.decided - acknowledged }

    mutating func apply(_ record: JournalRecord) {
        switch record {
        case .begun(let scan):
            unfinished = scan
            summary.floorMicroseconds = max(summary.floorMicroseconds, scan.moment.microseconds)
        case .decided(_, let code):
            summary.decided += 1
            if let code, let scan = unfinished {
                summary.accepted.accept(code, nowSeconds: scan.moment.microseconds / 1_000_000)
            }
            unfinished = nil
        case .acknowledged(let count): acknowledged = max(acknowledged, min(count, summary.decided))
        case .heard(let anchor):
            summary.anchor = anchor
            summary.floorMicroseconds = anchor.trueMicroseconds
        case .commanded(let command): summary.commands = (summary.commands + [command]).suffix(JournalSummary.commandsMax)
        case .summary(let earlier):
            summary = earlier
            acknowledged = earlier.decided
        }
    }

    /// What stands at the head of the journal that takes this one's place.
    var compacted: JournalSummary {
        var head = summary
        head.decided = acknowledged
        return head
    }
}
