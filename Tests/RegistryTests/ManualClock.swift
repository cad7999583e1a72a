import Runtime
import Synchronization

/// A clock that tests set by hand.
final class ManualClock: Sendable {
    private let microseconds = Atomic<Int64>(1_795_000_000_000_000)

    var clock: Clock { Clock { self.microseconds.load(ordering: .sequentiallyConsistent) } }

    func advance(seconds: Int64) {
        microseconds.add(seconds * 1_000_000, ordering: .sequentiallyConsistent)
    }
}
