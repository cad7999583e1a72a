import Browser
import Registry
import Runtime

/// The pages as people meet them: what a first visit weighs, how long it takes on a slow network, and a thousand live boards at once.
struct PagesWork: Work {
    static let name = "pages"
    static let summary = "weight of the first page, time until it can be used on slow 3G, 1 000 open live boards"

    private let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    func run(_ report: Report) async throws {
        report.title("pages: Chromium and the server on the same cores")
        try raiseDescriptorLimit()
        try await BenchHouse.with { house in
            let deviceKeys = try await house.prepareDoors(members: 2_000, stations: 100)
            let server = try house.serve([])
            let loop = try EventLoop.start(name: "load")
            try await server.waitUntilReady(loop)
            if options.part != "boards" { try await visits(server, report) }
            if options.part != "visits" { try await boards(house, server, deviceKeys, loop, report) }
            loop.shutDown()
        }
        await ChromeDriver.shared.stop()
    }

    // MARK: First visits

    /// Notes when the first field can be typed into, and when the button below it does something.
    private static let watch = """
        window.seen = {};
        new MutationObserver(() => {
          const button = document.querySelector('main button.primary');
          if (document.querySelector('main input')) seen.field ??= performance.now();
          if (button && !button.disabled) seen.button ??= performance.now();
        }).observe(document, {subtree: true, childList: true});
        """

    /// 400 kbit/s with 400 ms to and fro, as the profile "slow 3G" of page tests has it, on a processor slowed down to a quarter.
    private func visits(_ server: ServerProcess, _ report: Report) async throws {
        for (page, path) in [("worker", "/"), ("desk", "/desk"), ("device", "/device")] {
            var weights: [Double] = []
            var paints: [Double] = []
            var fields: [Double] = []
            var uses: [Double] = []
            for run in 1...options.runs {
                report.note("\(page) \(run)/\(options.runs)")
                try await withBrowser(.phone(.chinese)) { browser in
                    try await browser.throttle(kilobits: 400, latencyMilliseconds: 400, cpuSlowdown: 4)
                    _ = try await browser.devTools("Page.addScriptToEvaluateOnNewDocument", ["source": .string(Self.watch)])
                    try await browser.go(to: "http://127.0.0.1:\(server.port)\(path)")
                    try await browser.waitUntil("Boolean(seen.field && seen.button)")
                    func seen(_ expression: String) async throws -> Double { try await browser.run("return \(expression);").number ?? 0 }
                    paints.append(try await seen("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"))
                    fields.append(try await seen("seen.field"))
                    uses.append(try await seen("seen.button"))
                    weights.append(Double(try await browser.transferredBytes()) / 1_000)
                }
            }
            try report.figure(
                Self.name, "\(page): first visit", ours: median(weights), unit: "kB", runs: options.runs, promise: "below 60 kB")
            for (what, times) in [("first words", paints), ("first field", fields)] {
                try report.figure(
                    Self.name, "\(page): \(what) on slow 3G", ours: median(times), unit: "ms", runs: options.runs,
                    promise: "below 1 000 ms")
            }
            try report.figure(Self.name, "\(page): its button works on slow 3G", ours: median(uses), unit: "ms", runs: options.runs)
        }
    }

    // MARK: Boards

    private func boards(
        _ house: BenchHouse, _ server: ServerProcess, _ deviceKeys: [String], _ loop: EventLoop, _ report: Report
    ) async throws {
        let count = 1_000
        let owner = try await house.registry.accounts.createOwner(name: "bench")
        let before = server.residentMegabytes
        report.note("\(count) boards")
        let crowd = try BoardCrowd(port: server.port, token: owner, count: count)
        let opened = try await crowd.wait(for: "event: board", sinceMicroseconds: crowd.now)
        try report.figure(Self.name, "1 000 boards: all opened", ours: opened.last, unit: "ms", runs: 1)
        try report.figure(Self.name, "1 000 boards: memory", ours: server.residentMegabytes - before, unit: "MB", runs: 1)
        let cpu = server.cpuSeconds
        try await Task.sleep(for: .seconds(10))
        try report.figure(Self.name, "1 000 boards, nobody comes: cores", ours: (server.cpuSeconds - cpu) / 10, unit: "cores", runs: 1)

        let requests = try ScanRequests(keys: house.keys, deviceKeys: deviceKeys, members: 2_000, stations: 100)
        var halves: [Double] = []
        var lasts: [Double] = []
        for run in 1...options.runs {
            report.note("a scan \(run)/\(options.runs)")
            // What the scan before changed has been told.
            try await Task.sleep(for: .seconds(3))
            crowd.forget()
            let since = crowd.now
            let load = Load(on: loop) { requests.next() }
            _ = try await load.run(port: server.port, connections: 1, warmUp: .zero, duration: .milliseconds(20))
            let heard = try await crowd.wait(for: "event: stations", sinceMicroseconds: since)
            halves.append(heard.median)
            lasts.append(heard.last)
        }
        try report.figure(Self.name, "a scan is on half of 1 000 boards", ours: median(halves), unit: "ms", runs: options.runs)
        try report.figure(Self.name, "a scan is on all of 1 000 boards", ours: median(lasts), unit: "ms", runs: options.runs)
        crowd.close()
    }
}
