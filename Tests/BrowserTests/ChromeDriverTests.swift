import FoundationEssentials
import Runtime
import Testing

@testable import Browser

@Suite struct ChromeDriverTests {
    @Test func `a browser that failed is closed, and its error is told`() async throws {
        struct Stop: Error {}
        var said = ""
        await #expect(throws: Stop.self) {
            try await withBrowser(.desk()) { browser in
                said = try await browser.run("return navigator.userAgent").string ?? ""
                throw Stop()
            }
        }
        #expect(said.contains("Chrome"))
    }

    @Test func `more browsers than may be open wait for their turn`() async throws {
        let titles = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<4 {
                group.addTask {
                    try await withBrowser(.phone()) { browser in
                        try await browser.go(to: address(ofPage: "<title>\(number)</title>"))
                        return try await browser.title()
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(titles.sorted() == ["0", "1", "2", "3"])
    }

    @Test func `when it is stopped, as when its process dies, no browser and no file is left`() async throws {
        let process = try DriverProcess()
        let session = try await BrowserSession.open(
            .phone(), driver: DriverAddress(port: process.port), folder: process.folder + "/browser")
        try await session.go(to: address(ofPage: "<title>one</title>"))
        #expect(try running(process.folder) > 3)
        _ = await onThread(name: "stop") { process.stop() }
        // Killed ones stay listed until the machine has taken them down.
        for _ in 0..<600 where try running(process.folder) > 0 { try await Task.sleep(for: .milliseconds(100)) }
        #expect(try running(process.folder) == 0)
        #expect(!FileManager.default.fileExists(atPath: process.folder))
    }

    /// The processes whose command line names `folder`, or whose folder for temporary files it is.
    private func running(_ folder: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }.count { id in
            ["cmdline", "environ"].contains { file in
                let bytes = FileManager.default.contents(atPath: "/proc/\(id)/\(file)") ?? Data()
                return String(decoding: bytes, as: UTF8.self).contains(folder)
            }
        }
    }

    @Test func `pages reach nobody beyond this machine`() async throws {
        try await withBrowser(.desk()) { browser in
            await #expect { try await browser.go(to: "http://example.com/") } throws: { "\($0)".contains("ERR_NAME_NOT_RESOLVED") }
        }
    }
}
