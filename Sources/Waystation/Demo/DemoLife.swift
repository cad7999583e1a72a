import Crypto
import FoundationEssentials
import MemberCode
import Postgres
import Registry
import Runtime
import Stations
import Synchronization

/// Lets the demo's workers come and go: a week of history at the first start, then live by the hour of day.
///
/// Each move is a scan like any other, with a code made for its moment, decided by the same function; the history is decided with the
/// database's clock moved back. Request ids follow from the moves, so that a move that is made again after a restart is a repeat.
final class DemoLife: Service {
    let name = "demo life"

    /// How much history the first start makes.
    static let historyMicroseconds: Int64 = 7 * 86_400_000_000
    /// Moves of one stretch of history are decided together, at its end.
    private static let stretchMicroseconds: Int64 = 15 * 60_000_000

    private let stations: Stations
    private let issuer: MemberCodeIssuer
    private let verifier: MemberCodeVerifier
    private let deviceID: ID<Device>
    private let clock: Clock
    private let log: Log
    private let traffic: Mutex<DemoTraffic>
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter traffic: as far as it was made before.
    init(_ house: House, deviceID: ID<Device>, traffic: DemoTraffic) {
        stations = house.stations
        issuer = MemberCodeIssuer(house.keys)
        verifier = MemberCodeVerifier(house.keys)
        self.deviceID = deviceID
        clock = house.settings.clock
        log = house.log
        self.traffic = Mutex(traffic)
    }

    func start() {
        task.withLock { $0 = Task { await self.live() } }
    }

    func stop(grace: Duration) async {
        let running = task.withLock { $0 }
        running?.cancel()
        await running?.value
    }

    /// Makes what happened from `start` until now.
    /// - Parameter onProgress: the part that is done, and the moves so far.
    func makeHistory(from start: Int64, onProgress: (Double, Int) -> Void) async throws(PostgresError) {
        let now = clock.nowMicroseconds
        var end = start
        var count = 0
        while end < now {
            end = min(end + Self.stretchMicroseconds, now)
            let moves = traffic.withLock { $0.moves(before: end) }
            try await decide(moves, at: end)
            count += moves.count
            onProgress(Double(end - start) / Double(now - start), count)
        }
    }

    private func live() async {
        while !Task.isCancelled {
            let moves = traffic.withLock { $0.moves(before: clock.nowMicroseconds) }
            do {
                try await decide(moves, at: clock.nowMicroseconds)
            } catch {
                // They stay away; the next ones come.
                log.warning("demo.moves_lost", ["error": .text(error.description)])
            }
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
        }
    }

    /// - Parameter instant: by whose clock the moves are decided.
    private func decide(_ moves: [DemoTraffic.Move], at instant: Int64) async throws(PostgresError) {
        let machine = clock.nowMicroseconds - clock.offsetMicroseconds
        for first in stride(from: 0, to: moves.count, by: AccessStore.batchMax) {
            let scans = moves[first..<min(first + AccessStore.batchMax, moves.count)].map(scan)
            _ = try await stations.access.admit(batch: scans, clockOffsetMicroseconds: instant - machine)
        }
    }

    private func scan(_ move: DemoTraffic.Move) -> AccessScan {
        let code = issuer.issue(memberID: move.memberID, nowMicroseconds: move.at).text
        let random = UInt64(bitPattern: move.memberID) << 20 | UInt64(bitPattern: move.accessPointID) << 1 | (move.isEntry ? 1 : 0)
        return AccessScan(
            requestID: UUID(uuidv7: UUIDv7(microseconds: move.at, random: random)), deviceID: deviceID,
            accessPointID: ID(move.accessPointID), direction: move.isEntry ? .inward : .outward,
            occurredAt: Timestamp(microseconds: move.at), code: code, verdict: verifier.verify(code, nowMicroseconds: move.at))
    }
}

extension UUID {
    init(uuidv7: UUIDv7) {
        let b = uuidv7.bytes
        self.init(
            uuid: (b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]))
    }
}
