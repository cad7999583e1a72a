import Crypto
package import HTTP
import Postgres
package import Runtime
import Synchronization

/// Knows accounts' tokens (`wso_…`), devices' keys (`wsd_…`) and members' sessions (`wsm_…`) by their SHA-256.
///
/// A crowd of members is looked up together, one statement for all who wait: each of them is new, and asks once. Each loop remembers for
/// 30 seconds whom it has seen, so that a door's scan costs no statement for knowing the door. Who is shut out in this process is refused
/// from the next request on: `forgetAll` makes every loop forget. Other processes follow within the 30 seconds.
package final class RegistryAuthenticator: Authenticator {
    /// How long a known token is not asked for again.
    package static let remembered = Duration.seconds(30)

    /// Largest batch: one of a thousand would keep those who came first waiting for those who came last.
    static let batchMax = 128

    private let accounts: AccountStore
    private let devices: DeviceStore
    private let memberSessions: PerLoop<Coalescer<[UInt8], MemberPrincipal?>>
    private let known: PerLoop<KnownPrincipals>
    private let generation = Atomic<UInt64>(0)

    init(
        accounts: AccountStore, devices: DeviceStore, memberSessions: MemberSessionStore, loops: [EventLoop],
        remembered: Duration = RegistryAuthenticator.remembered
    ) {
        self.accounts = accounts
        self.devices = devices
        self.memberSessions = PerLoop(loops) { loop in
            Coalescer(CoalescerFigures("member_sessions"), loop: loop, batchMax: Self.batchMax) { (digests) async throws(PostgresError) in
                try await memberSessions.principals(tokenDigests: digests)
            }
        }
        known = PerLoop(loops) { KnownPrincipals(loop: $0, remembered: remembered) }
    }

    package func principal(bearer token: String, on loop: EventLoop) async throws -> (any Principal)? {
        guard let token = BearerToken(token) else { return nil }
        let digest = token.digest
        // Read before the database is: whoever is shut out while the statement runs raises the number, and what is entered under the
        // old one is void.
        let generation = generation.load(ordering: .sequentiallyConsistent)
        let memory = known.current
        if let principal = await memory.principal(digest, generation: generation) { return principal }
        let principal: (any Principal)?
        switch token.kind {
        case .account: principal = try await accounts.principal(tokenDigest: digest)
        case .device: principal = try await devices.principal(keyDigest: digest)
        case .member: principal = try await memberSessions.current.submit(digest)
        // Shown to the applicant's own route, which asks for itself.
        case .application: principal = nil
        }
        if let principal { await memory.remember(principal, digest, generation: generation) }
        return principal
    }

    package func isCrossSiteToken(_ shown: String, of token: String) -> Bool {
        constantTimeEqual(Array(shown.utf8), Array(PageSession.crossSiteToken(of: token).utf8))
    }

    /// Makes every loop ask again: call it once a token or key was ended.
    package func forgetAll() {
        generation.add(1, ordering: .sequentiallyConsistent)
    }
}

/// Whom one loop has seen lately.
private actor KnownPrincipals {
    private struct Entry {
        let principal: any Principal
        let generation: UInt64
        let until: MonotonicTime
    }

    /// More than a city has devices and organizers at work; beyond it all are asked for anew.
    private static let countMax = 10_000

    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private let remembered: Duration
    private var entries: [[UInt8]: Entry] = [:]

    init(loop: EventLoop, remembered: Duration) {
        self.loop = loop
        self.remembered = remembered
    }

    func principal(_ digest: [UInt8], generation: UInt64) -> (any Principal)? {
        guard let entry = entries[digest] else { return nil }
        guard entry.generation == generation, loop.now < entry.until else {
            entries[digest] = nil
            return nil
        }
        return entry.principal
    }

    func remember(_ principal: any Principal, _ digest: [UInt8], generation: UInt64) {
        if entries.count >= Self.countMax { entries.removeAll(keepingCapacity: true) }
        entries[digest] = Entry(principal: principal, generation: generation, until: loop.now + remembered)
    }
}
