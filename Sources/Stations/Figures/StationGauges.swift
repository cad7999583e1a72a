import HTTP
import Synchronization

/// What the jobs found, for `/metrics`: counts only. A server whose jobs rest, because another runs them, shows what it found last.
final class StationGauges: Sendable {
    private struct Found {
        var alarms: [AlarmKind: Int] = [:]
        var outOfBalance = 0
        var strayEvents = 0
        var monthsToExport = 0
    }

    private let found = Mutex(Found())

    init(_ metrics: Metrics) {
        for kind in AlarmKind.allCases {
            metrics.gauge("waystation_alarms_open", "Open alarms, as this server's job last saw them", labels: ["kind": kind.rawValue]) {
                [self] in found.withLock { Double($0.alarms[kind] ?? 0) }
            }
        }
        metrics.gauge("waystation_stations_out_of_balance", "Stations whose count of people is not the members present") { [self] in
            found.withLock { Double($0.outOfBalance) }
        }
        metrics.gauge("waystation_access_events_stray", "Events in the default partition: of request ids outside the months there are") {
            [self] in found.withLock { Double($0.strayEvents) }
        }
    }

    func note(open alarms: [AlarmKind: Int]) { found.withLock { $0.alarms = alarms } }
    func note(outOfBalance stations: Int) { found.withLock { $0.outOfBalance = stations } }
    func note(monthsToExport months: Int) { found.withLock { $0.monthsToExport = months } }
    func note(strayEvents events: Int) { found.withLock { $0.strayEvents = events } }
}
