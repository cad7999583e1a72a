import HTTP
import Postgres
import Synchronization

/// What the doors did, for `/metrics`: labels are outcomes and reasons, never who or where.
struct ScanFigures: Sendable {
    private let opened: Counter
    private let refused: Counter
    private let repeated: Counter
    private let conflicting: Counter
    private let foreign: Counter
    private let reasons: [AccessReason: Counter]

    init(_ metrics: Metrics, coalescer: CoalescerFigures) {
        func scans(_ outcome: String) -> Counter {
            metrics.counter("waystation_scans_total", "Scans by what came of them", labels: ["outcome": outcome])
        }
        opened = scans("opened")
        refused = scans("refused")
        repeated = scans("repeated")
        conflicting = scans("conflict")
        foreign = scans("foreign")
        reasons = Dictionary(
            uniqueKeysWithValues: AccessReason.allCases.map { reason in
                (reason, metrics.counter("waystation_scan_refusals_total", "Reasons of refused scans", labels: ["reason": reason.rawValue]))
            })
        metrics.counter("waystation_scan_batches_total", "Batches of scans decided") { Int64(coalescer.batches.load(ordering: .relaxed)) }
        metrics.counter("waystation_scan_batched_total", "Scans in those batches") { Int64(coalescer.requests.load(ordering: .relaxed)) }
        metrics.counter("waystation_scan_batch_failures_total", "Batches that failed whole and were retried apart") {
            Int64(coalescer.failures.load(ordering: .relaxed))
        }
        metrics.counter("waystation_scans_turned_away_total", "Scans refused because too many waited") {
            Int64(coalescer.refused.load(ordering: .relaxed))
        }
        metrics.gauge("waystation_scan_batch_largest", "The largest batch so far") {
            Double(coalescer.largestBatch.load(ordering: .relaxed))
        }
    }

    func count(_ admission: Admission) {
        switch admission {
        case .decided(_, isRepeat: true): repeated.increment()
        case .decided(let decision, isRepeat: false):
            (decision.isOpen ? opened : refused).increment()
            for reason in decision.reasons { reasons[reason]?.increment() }
        case .conflict: conflicting.increment()
        case .foreign: foreign.increment()
        }
    }
}
