import FoundationEssentials
import Glibc
import Runtime
import Synchronization

/// One browser with a profile of its own: what a test sees of a page and does to it, by W3C WebDriver and Chromium's own commands.
///
/// Commands go to the window chosen last. Made by `withBrowser`, which closes it.
package final class BrowserSession: Sendable {
    struct State {
        var options: BrowserOptions
        var conditions = Conditions()
        var console: [ConsoleEntry] = []
        /// The sessions attached to service workers, by their targets.
        var workers: [String: String] = [:]
    }

    /// How long anything is waited for: tests are not about speed, so the limit is that of a machine that hangs.
    package static let patience = Duration.seconds(180)

    let driver: DriverAddress
    let id: String
    let state: Mutex<State>

    private let folder: String

    private init(_ driver: DriverAddress, id: String, _ options: BrowserOptions, folder: String) {
        self.driver = driver
        self.id = id
        self.folder = folder
        state = Mutex(State(options: options))
    }

    /// Opens a browser in `folder`, which it makes.
    static func open(_ options: BrowserOptions, driver: DriverAddress, folder: String) async throws(BrowserError) -> BrowserSession {
        guard mkdir(folder, 0o700) == 0, mkdir(BrowserOptions.downloads(folder: folder), 0o700) == 0 else {
            throw .system(.last("mkdir \(folder)"))
        }
        if let camera = options.camera {
            let path = BrowserOptions.cameraFile(folder: folder)
            guard FileManager.default.createFile(atPath: path, contents: Data(camera.bytes)) else {
                throw .system(.last("write \(path)"))
            }
        }
        let answer = try await driver.command("POST", "/session", options.capabilities(folder: folder))
        guard let id = answer["sessionId"].string else { throw .unexpectedAnswer("no session") }
        let session = BrowserSession(driver, id: id, options, folder: folder)
        do throws(BrowserError) {
            try await session.prepareWindow()
        } catch {
            await session.quit()
            throw error
        }
        return session
    }

    /// Closes the browser with all its windows; one that is gone already stays so.
    func quit() async { _ = try? await command("DELETE", "") }

    /// A command of this session.
    func command(_ method: String, _ path: String, _ body: ScriptValue? = nil) async throws(BrowserError) -> ScriptValue {
        try await driver.command(method, "/session/\(id)\(path)", method == "POST" ? body ?? [:] : body)
    }

    /// A command of the Chrome DevTools Protocol to the present window.
    @discardableResult
    package func devTools(_ name: String, _ parameters: ScriptValue = [:]) async throws(BrowserError) -> ScriptValue {
        try await command("POST", "/goog/cdp/execute", ["cmd": .string(name), "params": parameters])
    }

    // MARK: Navigation

    /// Loads `url` and returns once its load event has come.
    package func go(to url: String) async throws(BrowserError) { _ = try await command("POST", "/url", ["url": .string(url)]) }

    package func reload() async throws(BrowserError) { _ = try await command("POST", "/refresh") }
    package func back() async throws(BrowserError) { _ = try await command("POST", "/back") }
    package func url() async throws(BrowserError) -> String { try await text("GET", "/url") }
    package func title() async throws(BrowserError) -> String { try await text("GET", "/title") }

    /// The document as it is now, as HTML.
    package func source() async throws(BrowserError) -> String { try await text("GET", "/source") }

    func text(_ method: String, _ path: String) async throws(BrowserError) -> String {
        try await command(method, path).string ?? ""
    }

    /// Waits until the browser has stored a file of this name, and gives its bytes.
    package func downloaded(_ name: String) async throws(BrowserError) -> [UInt8] {
        let path = BrowserOptions.downloads(folder: folder) + "/" + name
        // Under another name until it is whole.
        return try await wait(for: "the download \(name)") { () throws(BrowserError) in
            FileManager.default.contents(atPath: path).map { Array($0) }
        }
    }

    // MARK: Windows

    /// The open windows' names.
    package func windows() async throws(BrowserError) -> [String] {
        try await command("GET", "/window/handles").array?.compactMap(\.string) ?? []
    }

    /// The present window's name.
    package func window() async throws(BrowserError) -> String { try await text("GET", "/window") }

    /// Goes on in the window of this name.
    package func switchTo(window: String) async throws(BrowserError) {
        _ = try await command("POST", "/window", ["handle": .string(window)])
        try await prepareWindow()
    }

    /// Opens an empty window of the same profile, goes on in it and gives its name.
    @discardableResult
    package func newWindow() async throws(BrowserError) -> String {
        let answer = try await command("POST", "/window/new", ["type": "tab"])
        guard let name = answer["handle"].string else { throw .unexpectedAnswer("no window") }
        try await switchTo(window: name)
        return name
    }

    /// Closes the present window and goes on in the first that is left; the browser's last stays, use an empty page instead.
    package func closeWindow() async throws(BrowserError) {
        guard try await windows().count > 1 else { return try await go(to: "about:blank") }
        let left = try await command("DELETE", "/window").array?.compactMap(\.string) ?? []
        if let first = left.first { try await switchTo(window: first) }
    }
}
