import Runtime

/// The server itself: what a plain answer costs, what an idle server and idle connections weigh, what slow clients do to the others.
struct HTTPWork: Work {
    static let name = "http"
    static let summary = "plain answers, memory when idle, and good clients beside slow ones"

    private let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    private static let request = Array("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)

    func run(_ report: Report) async throws {
        report.title("http: one event loop, the load from this process, on the same cores")
        try raiseDescriptorLimit()
        try await BenchHouse.with { house in try await measure(house, report) }
    }

    private func measure(_ house: BenchHouse, _ report: Report) async throws {
        let seconds = Duration.seconds(options.seconds ?? 2)
        let server = try house.serve(["--loops", "1"])
        let loop = try EventLoop.start(name: "load")
        try await server.waitUntilReady(loop)
        let idle = server.residentMegabytes

        let bareLoop = try EventLoop.start(name: "bare")
        let barePort = try ServerProcess.freePort()
        let bare = try BareServer(port: barePort, on: bareLoop)
        try await bare.start()
        var ours: [Double] = []
        var peer: [Double] = []
        for run in 1...options.runs {
            report.note("plain \(run)/\(options.runs)")
            let load = Load(on: loop) { Self.request }
            ours.append(try await load.run(port: server.port, connections: 64, warmUp: .milliseconds(300), duration: seconds).perSecond)
            peer.append(try await load.run(port: barePort, connections: 64, warmUp: .milliseconds(300), duration: seconds).perSecond)
        }
        await bare.stop()
        try report.figure(
            Self.name, "plain", ours: median(ours), peer: median(peer), peerName: "a loop that answers without parsing", unit: "answers/s",
            runs: options.runs, promise: "70 000/s")
        try report.figure(Self.name, "idle memory", ours: idle, unit: "MB", runs: 1, promise: "below 40 MB")

        report.note("10 000 idle connections")
        let crowd = Crowd(port: server.port, on: loop)
        try await crowd.gather(10_000, Self.request)
        try report.figure(
            Self.name, "10 000 idle connections", ours: server.residentMegabytes, unit: "MB", runs: 1, promise: "below 200 MB")
        await crowd.dismiss()

        report.note("4 000 slow connections")
        let rate = median(ours) / 4
        let calm = try await latency(server.port, loop, rate: rate, seconds)
        let slow = Crowd(port: server.port, on: bareLoop)
        try await slow.dawdle(4_000)
        let disturbed = try await latency(server.port, loop, rate: rate, seconds)
        await slow.dismiss()
        try report.figure(
            Self.name, "p99 beside 4 000 slow clients", ours: disturbed, peer: calm, peerName: "p99 without them", unit: "ms",
            runs: options.runs, promise: "below 2 x")
        loop.shutDown()
        bareLoop.shutDown()
    }

    /// The median of the runs' p99, in milliseconds, at a fixed rate.
    private func latency(_ port: UInt16, _ loop: EventLoop, rate: Double, _ duration: Duration) async throws -> Double {
        var values: [Double] = []
        for _ in 1...options.runs {
            let load = Load(on: loop) { Self.request }
            values.append(
                try await load.run(port: port, connections: 64, rate: rate, warmUp: .milliseconds(300), duration: duration).percentile(0.99)
            )
        }
        return median(values)
    }
}
