package import HTTP
package import Runtime
import Synchronization

/// How much one address may submit without an account, counted in the memory of this process.
///
/// In memory, not in a table: the limit guards a statement that would otherwise be made for each guess, so it must cost none itself.
/// Several servers each count for themselves, and a restart forgets; guessing then takes as many times as there are servers. What goes well
/// is limited loosely, for a whole factory stands behind one address; what is refused (a person who exists, an unknown code, an unknown
/// secret) strictly, for that is what somebody sees who tries numbers out.
package final class SubmissionLimiter: Sendable {
    package struct Limits: Sendable {
        package var windowSeconds: Int64 = 600
        package var submissionsMax = 600
        package var refusalsMax = 30

        package init(windowSeconds: Int64 = 600, submissionsMax: Int = 600, refusalsMax: Int = 30) {
            self.windowSeconds = windowSeconds
            self.submissionsMax = submissionsMax
            self.refusalsMax = refusalsMax
        }

        /// For a load made by ourselves.
        package static let none = Limits(windowSeconds: 1, submissionsMax: .max, refusalsMax: .max)
    }

    private struct Window {
        var endsAt: Int64
        var submissions = 0
        var refusals = 0
    }

    /// Addresses remembered at once; beyond it all begin anew, which an attacker with so many addresses does anyway.
    static let addressesMax = 50_000

    private let limits: Limits
    private let clock: Clock
    private let windows = Mutex<[NetworkAddress: Window]>([:])

    package init(_ limits: Limits = Limits(), clock: Clock) {
        self.limits = limits
        self.clock = clock
    }

    /// Counts a submission.
    /// - Parameter address: nil is nobody's, and is counted as one.
    /// - Returns: the seconds to wait; nil when it may go on.
    package func take(_ address: NetworkAddress?) -> Int? {
        let now = clock.nowSeconds
        return windows.withLock { windows in
            let subscriber = address?.subscriber ?? .loopback
            if windows[subscriber] == nil, windows.count >= Self.addressesMax { windows.removeAll(keepingCapacity: true) }
            var window = windows[subscriber] ?? Window(endsAt: now + limits.windowSeconds)
            if window.endsAt <= now { window = Window(endsAt: now + limits.windowSeconds) }
            let isFull = window.submissions >= limits.submissionsMax || window.refusals >= limits.refusalsMax
            if !isFull { window.submissions += 1 }
            windows[subscriber] = window
            return isFull ? Int(window.endsAt - now) : nil
        }
    }

    /// Counts a refusal that tells something.
    package func noteRefusal(_ address: NetworkAddress?) {
        windows.withLock { $0[address?.subscriber ?? .loopback]?.refusals += 1 }
    }
}
