import FoundationEssentials
import HTTPClient
import Runtime

/// The one chromedriver of this process: it is started when the first browser is asked for, and ends with the process.
///
/// A browser takes a second of a core to start and some 300 MB, so only three are open at a time; who comes later waits (`withBrowser`).
package actor ChromeDriver {
    package static let shared = ChromeDriver()

    private static let browsersMax = 3

    private var starting: Task<DriverProcess, any Error>?
    private var made = 0
    private var open = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    private func process() async throws(BrowserError) -> DriverProcess {
        let task =
            starting
            ?? Task {
                try await onThread(name: "chromedriver") {
                    Result { () throws(BrowserError) in try DriverProcess() }
                }.get().get()
            }
        starting = task
        switch await task.result {
        case .success(let process): return process
        case .failure(let error): throw (error as? BrowserError) ?? .notStarted("\(error)")
        }
    }

    /// Room for one browser: chromedriver's address and a folder of its own.
    struct Place: Sendable {
        let driver: DriverAddress
        let folder: String
    }

    /// Waits until so many browsers more may be open.
    func begin(_ count: Int) async throws(BrowserError) -> [Place] {
        precondition((1...Self.browsersMax).contains(count), "at most \(Self.browsersMax) browsers are open at a time")
        while open + count > Self.browsersMax { await withCheckedContinuation { waiting.append($0) } }
        open += count
        do throws(BrowserError) {
            let process = try await process()
            return (1...count).map { _ in
                made += 1
                return Place(driver: DriverAddress(port: process.port), folder: "\(process.folder)/browser-\(made)")
            }
        } catch {
            leave(count)
            throw error
        }
    }

    /// Removes what the browsers wrote and makes room for the next ones.
    func end(_ places: [Place]) async {
        _ = await onThread(name: "browser") {
            for folder in places.map(\.folder) {
                // The last of its processes may still be writing; what is left goes with the driver's folder.
                for _ in 0..<20 where FileManager.default.fileExists(atPath: folder) { try? FileManager.default.removeItem(atPath: folder) }
            }
        }
        leave(places.count)
    }

    private func leave(_ count: Int) {
        open -= count
        // All look again, for some wait for more room than others.
        let all = waiting
        waiting = []
        for one in all { one.resume() }
    }

    /// Ends chromedriver and every browser. For programs that go on; tests leave it to the end of their process.
    package func stop() async {
        guard let task = starting else { return }
        starting = nil
        if case .success(let process) = await task.result { _ = await onThread(name: "chromedriver") { process.stop() } }
    }
}

/// Where chromedriver listens: its commands over HTTP with JSON (W3C WebDriver, section 6).
struct DriverAddress: Sendable {
    let port: Int

    /// Longer than any limit that a command has of its own.
    private static let deadline = Duration.seconds(180)

    /// Sends a command and gives the `value` of the answer.
    func command(_ method: String, _ path: String, _ body: ScriptValue? = nil) async throws(BrowserError) -> ScriptValue {
        let bytes: [UInt8]?
        do { bytes = try body.map { Array(try JSONEncoder().encode($0)) } } catch { throw .unexpectedAnswer("\(error)") }
        let port = port
        let sent = await onThread(name: "webdriver") { () -> Result<HTTPClientResponse, HTTPClientError> in
            Result { () throws(HTTPClientError) in
                let client = try HTTPClient(baseURL: "http://127.0.0.1:\(port)")
                return try client.send(
                    method, path, headers: [("Content-Type", "application/json; charset=utf-8")], body: bytes, deadline: Self.deadline,
                    bodyLimit: .refuse(beyondBytes: 100_000_000))
            }
        }
        let answer: HTTPClientResponse
        switch sent {
        case .failure(let error): throw .system(error)
        case .success(.failure(let error)): throw .noAnswer(error)
        case .success(.success(let given)): answer = given
        }
        let value: ScriptValue
        do {
            value = try JSONDecoder().decode(ScriptValue.self, from: Data(answer.body))["value"]
        } catch {
            throw .unexpectedAnswer(answer.text)
        }
        guard answer.status == 200 else {
            guard let code = value["error"].string else { throw .unexpectedAnswer(answer.text) }
            // Behind the first line stand the driver's version and its stack.
            let words = value["message"].string ?? ""
            throw .refused(code: code, message: words.split(separator: "\n").first.map(String.init) ?? "")
        }
        return value
    }
}
