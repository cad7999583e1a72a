import FoundationEssentials
import Glibc
import Postgres
import Registry
import Runtime

/// Door scans over HTTP against a real PostgreSQL, beside pgbench running one lean statement a scan.
struct ScansWork: Work {
    static let name = "scans"
    static let summary = "door scans over HTTP, 256 connections, beside pgbench with one statement a scan"

    private static let members = 100_000
    private static let stations = 100

    private let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    func run(_ report: Report) async throws {
        report.title("scans: 256 connections, \(Self.members) members, \(Self.stations) stations; PostgreSQL durable")
        try raiseDescriptorLimit()
        try await BenchHouse.with { house in try await measure(house, report) }
    }

    private func measure(_ house: BenchHouse, _ report: Report) async throws {
        let seconds = options.seconds ?? 2
        let deviceKeys = try await house.prepareDoors(members: Self.members, stations: Self.stations)
        let pgbench = try house.pgbench()
        let server = try house.serve([])
        let loop = try EventLoop.start(name: "load")
        try await server.waitUntilReady(loop)
        let requests = try ScanRequests(keys: house.keys, deviceKeys: deviceKeys, members: Self.members, stations: Self.stations)

        var ours: [Double] = []
        var peer: [Double] = []
        var single: [Double] = []
        var cpu: [Double] = []
        for run in 1...options.runs {
            report.note("scans \(run)/\(options.runs)")
            let before = server.cpuSeconds
            let result = try await load(loop, requests).run(
                port: server.port, connections: 256, warmUp: .milliseconds(500), duration: .seconds(seconds))
            try require(result)
            cpu.append((server.cpuSeconds - before) / (result.elapsed.secondsValue + 0.5) * 100)
            ours.append(result.perSecond)
            peer.append(try await pgbench.run(ScanPeer.script, defines: defines(), seconds: seconds, folder: house.folder))
            single.append(try await pgbench.run(ScanPeer.setFunctionScript, defines: defines(), seconds: seconds, folder: house.folder))
        }
        try report.figure(
            Self.name, "throughput", ours: median(ours), peer: median(peer), peerName: "pgbench, lean statement", unit: "scans/s",
            runs: options.runs, promise: "1.5 x")
        try report.figure(
            Self.name, "throughput beside set function", ours: median(ours), peer: median(single), peerName: "pgbench, set function of one",
            unit: "scans/s", runs: options.runs)

        report.note("latency at half that load")
        var p50: [Double] = []
        var p99: [Double] = []
        for _ in 1...options.runs {
            let result = try await load(loop, requests).run(
                port: server.port, connections: 256, rate: median(ours) / 2, warmUp: .milliseconds(500), duration: .seconds(seconds))
            try require(result)
            p50.append(result.percentile(0.5))
            p99.append(result.percentile(0.99))
        }
        try report.figure(Self.name, "p50 at half load", ours: median(p50), unit: "ms", runs: options.runs)
        try report.figure(Self.name, "p99 at half load", ours: median(p99), unit: "ms", runs: options.runs, promise: "below 50 ms")
        try report.figure(Self.name, "CPU of the server", ours: median(cpu), unit: "% of a core", runs: options.runs)
        try report.figure(Self.name, "memory of the server", ours: server.residentMegabytes, unit: "MB", runs: 1)
        loop.shutDown()
    }

    private func load(_ loop: EventLoop, _ requests: ScanRequests) -> Load {
        Load(on: loop) { requests.next() }
    }

    private func require(_ result: Load.Result) throws {
        guard result.broken == 0, result.statuses.count == 1, result.statuses[200] == result.answers, result.answers > 0 else {
            throw BenchError(description: "not every scan was answered with 200: \(result.statuses), \(result.broken) connections broken")
        }
    }

    private func defines() -> [String: String] {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let milliseconds = Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
        let head = String(milliseconds, radix: 16)
        return [
            "stations": String(Self.stations), "members": String(Self.members), "scan": "0",
            "first_sequence": String((Int64(time.tv_sec) + 2) << 31),
            "request_head": String(repeating: "0", count: max(0, 12 - head.count)) + head + "7000",
        ]
    }
}
