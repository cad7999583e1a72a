import Crypto
import HTTP
import Runtime
import Synchronization

/// What the database keeps of a password: the derived key, and how it was derived.
struct PasswordHash: Hashable, Sendable {
    let salt: [UInt8]
    let costN: Int
    let blockSizeR: Int
    let parallelismP: Int
    let derived: [UInt8]
}

/// Derives keys from passwords by scrypt, off the loops, a few at a time.
///
/// One derivation takes 32 MiB and some 0.3 s of a core, so how many run at once and how many wait is bounded: a flood of sign-ins takes
/// neither the memory nor the loops. Passwords are keyed by the key file before they are derived: a dump of the database alone gives
/// nothing to guess on.
final class PasswordHasher: Sendable {
    /// What one derivation costs: OWASP's floor.
    struct Cost: Hashable, Sendable {
        var costN = 1 << 15
        var blockSizeR = 8
        var parallelismP = 3

        var memoryBytes: Int { 128 * costN * blockSizeR }
    }

    /// Derivations at once: 64 MiB with the standard cost.
    static let runningMax = 2
    /// Derivations that wait: some five seconds' work.
    static let waitingMax = 32

    /// The queue was full: nothing was derived.
    struct Busy: Error {}

    private struct State {
        var running = 0
        var waiting: [CheckedContinuation<Bool, Never>] = []
        var runningPeak = 0
        var derivations: [Cost: Int] = [:]
    }

    private let pepper: HMACKey
    private let cost: Cost
    private let state = Mutex(State())

    init(_ keys: Keys, cost: Cost = Cost()) {
        pepper = HMACKey(HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation password".utf8), count: 32))
        self.cost = cost
    }

    /// How many derivations ran at once at most.
    var runningPeak: Int { state.withLock { $0.runningPeak } }
    /// How many derivations were done, by what each cost.
    var derivations: [Cost: Int] { state.withLock { $0.derivations } }

    /// What is to be kept of a new password.
    func hash(_ password: String) async throws(Busy) -> PasswordHash {
        let salt = SecureRandom.bytes(16)
        let derived = try await derive(password, salt, cost)
        return PasswordHash(
            salt: salt, costN: cost.costN, blockSizeR: cost.blockSizeR, parallelismP: cost.parallelismP, derived: derived)
    }

    /// Whether `password` is the one that `hash` was made of. Without a hash it is none, after the same work.
    func verifies(_ password: String, _ hash: PasswordHash?) async throws(Busy) -> Bool {
        guard let hash else {
            _ = try await derive(password, [UInt8](repeating: 0, count: 16), cost)
            return false
        }
        let cost = Cost(costN: hash.costN, blockSizeR: hash.blockSizeR, parallelismP: hash.parallelismP)
        return constantTimeEqual(try await derive(password, hash.salt, cost), hash.derived)
    }

    private func derive(_ password: String, _ salt: [UInt8], _ cost: Cost) async throws(Busy) -> [UInt8] {
        try await enter()
        defer { leave() }
        state.withLock { $0.derivations[cost, default: 0] += 1 }
        let secret = pepper.authenticate(Array(password.utf8))
        let outcome = await onThread(name: "password") { () -> [UInt8]? in
            do throws(CryptoError) {
                return try Scrypt.derive(
                    password: secret, salt: salt, costN: cost.costN, blockSizeR: cost.blockSizeR, parallelismP: cost.parallelismP,
                    memoryMaxBytes: 2 * cost.memoryBytes)
            } catch {
                return nil
            }
        }
        // No thread, or no memory for the derivation.
        guard case .success(let derived?) = outcome else { throw Busy() }
        return derived
    }

    // MARK: The bound

    /// Takes a place, waiting for one where all are taken.
    private func enter() async throws(Busy) {
        let entered = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
            let answer = state.withLock { state -> Bool? in
                if state.running < Self.runningMax {
                    state.running += 1
                    state.runningPeak = max(state.runningPeak, state.running)
                    return true
                }
                guard state.waiting.count < Self.waitingMax else { return false }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
        guard entered else { throw Busy() }
    }

    /// Hands the place to whoever waits longest, or frees it.
    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            if state.waiting.isEmpty {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume(returning: true)
    }
}
