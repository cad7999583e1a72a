import Crypto
import FoundationEssentials
import Glibc
import MemberCode
import Postgres
import Registry
import Runtime
import Synchronization

/// Codes are scanned at one door while its controller, its network and its server are killed and cut at random, and its clock is set
/// years off: afterwards every decision it printed is on the server once, with its true time, and no code opened twice.
struct DoorStormWork: Work {
    static let name = "door-storm"
    static let summary = "one door while its controller, network and server are killed at random (only when named)"

    private static let members = 60

    private let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    /// What was scanned, what was said, and what was done to them.
    struct Account: Sendable {
        struct Scan: Sendable {
            let memberID: Int64
            let sequence: Int64
            let from: Int64
            var until: Int64
        }

        var scans: [Scan] = []
        var printed: [DoorProcess.Line] = []
        var doorKills = 0
        var serverKills = 0
        var faults = 0
    }

    func run(_ report: Report) async throws {
        report.title("door-storm: one door for \(options.seconds ?? 60) s")
        try await BenchHouse.with { house in
            let keys = try await house.prepareDoors(members: Self.members, stations: 1)
            // Some stay outside: they left, and the door has to know it alone.
            _ = try await house.database.query("update member set status = 'suspended' where member_id % 10 = 0")
            let server = try house.serve([])
            let loop = try EventLoop.start(name: "storm")
            try await server.waitUntilReady(loop)
            let end = MonotonicTime.current + .seconds(options.seconds ?? 60)
            let seed = UInt64.random(in: 0 ... .max)
            report.note("seed \(seed)")
            let storm = try DoorStorm(house, server: server, deviceKey: keys[0], seed: seed)
            let account = try await onThread(name: "door-storm") { () -> Swift.Result<Account, BenchError> in
                do { return .success(try storm.run(until: end)) } catch { return .failure(BenchError(description: "\(error)")) }
            }.get().get()
            let check = DoorStormCheck(house.database)
            try await check.waitUntilTold(account)
            var whole = account
            whole.printed += try await onThread(name: "door-storm") { () -> Swift.Result<[DoorProcess.Line], BenchError> in
                do { return .success(try storm.finish()) } catch { return .failure(BenchError(description: "\(error)")) }
            }.get().get()
            let told = try await check.check(whole)
            loop.shutDown()
            func figure(_ name: String, _ value: Int, _ promise: String? = nil) throws {
                try report.figure(Self.name, name, ours: Double(value), unit: "", runs: 1, promise: promise)
            }
            try figure("scans", account.scans.count)
            try figure("kills of the controller", account.doorKills)
            try figure("kills of the server", account.serverKills)
            try figure("faults of the network", account.faults)
            try figure("decided alone", told.alone)
            try figure("opened although the server refused", told.overruled)
            try figure("taken back because the door stayed shut", told.annulled)
            try figure("lost, doubled or at a wrong time", 0, "0")
        }
    }
}

/// The storm itself, on a thread: it scans, and between scans it breaks something now and then.
final class DoorStorm: Sendable {
    private struct State {
        var random: SeededGenerator
        var account = DoorStormWork.Account()
        var door: DoorProcess
        var server: ServerProcess
        var shown: [(member: Int64, sequence: Int64, text: String, at: Int64)] = []
        var faultEnds = MonotonicTime.current
        var nextHarm = MonotonicTime.current + .seconds(2)
    }

    private let house: BenchHouse
    private let proxy: FaultProxy
    private let arguments: [String]
    private let issuer: MemberCodeIssuer
    private let clock = Clock()
    private let state: Mutex<State>

    init(_ house: BenchHouse, server: ServerProcess, deviceKey: String, seed: UInt64) throws {
        self.house = house
        proxy = try FaultProxy(to: server.port)
        issuer = MemberCodeIssuer(house.keys)
        let folder = house.folder + "/door"
        guard mkdir(folder, 0o700) == 0,
            FileManager.default.createFile(atPath: folder + "/key", contents: Data(deviceKey.utf8))
        else { throw SystemError.last("mkdir") }
        arguments = [
            "--server", "http://127.0.0.1:\(proxy.port)", "--access-point", "1", "--folder", folder, "--rehearse",
        ]
        state = Mutex(State(random: SeededGenerator(seed: seed), door: try DoorProcess(arguments), server: server))
    }

    func run(until end: MonotonicTime) throws -> DoorStormWork.Account {
        try state.withLock { state in
            // It may take its first policy in peace; a door that never had one is another test.
            usleep(1_500_000)
            while MonotonicTime.current < end {
                try harm(&state)
                try scan(&state)
            }
            // The weather clears, and it tells what it has to tell.
            proxy.set(.none)
            try restart(&state)
            // Until one more scan is decided: then it has come up, and its end will be one that it can arrange.
            while state.door.said.allSatisfy({ $0.requestId == nil }), !state.door.hasEnded { try scan(&state) }
            return state.account
        }
    }

    /// Ends the controller, as a person would; what it printed to the last.
    func finish() throws -> [DoorProcess.Line] {
        try state.withLock { state in
            let ended = state.door.stop()
            proxy.stop()
            guard ended == .ended(.status(0)) else { throw BenchError(description: "SIGTERM: the controller ended with \(ended)") }
            return state.door.said
        }
    }

    // MARK: Scans

    private func scan(_ state: inout State) throws {
        let now = clock.nowMicroseconds
        var (member, sequence, text) = (Int64(0), Int64(0), "")
        let recent = state.shown.filter { $0.at > now - 40_000_000 }
        if Int.random(in: 0..<4, using: &state.random) == 0, let old = recent.randomElement(using: &state.random) {
            (member, sequence, text) = (old.member, old.sequence, old.text)
        } else {
            member = Int64.random(in: 1...60, using: &state.random)
            let issued = issuer.issue(memberID: member, nowMicroseconds: now)
            (sequence, text) = (issued.code.sequence, issued.text)
            state.shown.append((member, sequence, text, now))
        }
        let before = state.door.said.count
        guard state.door.type(text) else { return try restart(&state) }
        state.account.scans.append(DoorStormWork.Account.Scan(memberID: member, sequence: sequence, from: now, until: now))
        // Now and then it is killed between the reading of the code and the opening of the door.
        if Int.random(in: 0..<25, using: &state.random) == 0 {
            usleep(.random(in: 0...40_000, using: &state.random))
            try restart(&state)
        }
        let deadline = MonotonicTime.current + .seconds(5)
        while state.door.said.count == before, MonotonicTime.current < deadline, !state.door.hasEnded { usleep(500) }
        state.account.scans[state.account.scans.count - 1].until = clock.nowMicroseconds
        usleep(.random(in: 0...30_000, using: &state.random))
    }

    // MARK: Harm

    private func harm(_ state: inout State) throws {
        let now = MonotonicTime.current
        if now > state.faultEnds { proxy.set(.none) }
        guard now > state.nextHarm else { return }
        state.nextHarm = now + .milliseconds(.random(in: 300...1_500, using: &state.random))
        switch Int.random(in: 0..<10, using: &state.random) {
        case 0...5:
            proxy.set(FaultProxy.Fault.allCases.randomElement(using: &state.random) ?? .reset)
            state.account.faults += 1
            state.faultEnds = now + .milliseconds(.random(in: 100...3_000, using: &state.random))
        case 6: try restart(&state)
        case 7:
            state.server.kill()
            state.server = try house.serve([], port: state.server.port)
            state.account.serverKills += 1
        default:
            let years = Int64.random(in: -5...5, using: &state.random)
            _ = state.door.type("#clock \(years * 31_536_000)")
        }
    }

    private func restart(_ state: inout State) throws {
        state.door.kill()
        state.account.printed += state.door.said
        state.account.doorKills += 1
        state.door = try DoorProcess(arguments)
    }
}
