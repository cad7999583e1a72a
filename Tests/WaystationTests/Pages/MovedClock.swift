import Runtime
import Synchronization

/// The machine's clock, moved on by hand.
final class MovedClock: Sendable {
    private let hours = Mutex<Int64>(0)

    var clock: Clock {
        let machine = Clock()
        return Clock { machine.nowMicroseconds + self.hours.withLock { $0 } * 3_600_000_000 }
    }

    /// From now on it is so many hours after the machine's time.
    func set(hours: Int64) { self.hours.withLock { $0 = hours } }
}
