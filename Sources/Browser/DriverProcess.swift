import CLinux
import FoundationEssentials
import Glibc
import HTTPClient
import Runtime
import Synchronization

/// chromedriver and all browsers it starts, which live no longer than this process, however it ends.
///
/// A small shell starts chromedriver in a session of its own and waits at the end of a pipe whose other end only this process holds. When
/// the pipe closes, at the latest with this process, even by `kill -9`, the shell kills the whole group and deletes the folder with the
/// profiles, the log and what the browsers call their home. (chromedriver itself leaves its browsers behind when it is ended.)
final class DriverProcess: Sendable {
    let folder: String
    let port: Int
    private let pipe: Mutex<CInt?>
    private let shell: ChildProcess

    private static let program = "/usr/bin/chromedriver"
    static let chromium = "/usr/bin/chromium"

    private static let watch = """
        setsid -- "$2" --port=0 > "$1/driver.log" 2>&1 &
        driver=$!
        read -r nothing
        kill -KILL "-$driver" 2> /dev/null
        tries=0
        until rm -rf -- "$1" || [ $tries -ge 100 ]; do tries=$((tries + 1)); sleep 0.1; done
        """

    /// Starts it and waits until it serves. Blocks.
    init() throws(BrowserError) {
        for (program, package) in [(Self.program, "chromium-driver"), (Self.chromium, "chromium")] where access(program, X_OK) != 0 {
            throw .missing(program: program, package: package)
        }
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/waystation-browsers-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw .system(.last("mkdtemp in \(parent)")) }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.folder = folder
        var ends: [CInt] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw .system(.last("pipe2")) }
        defer { close(ends[0]) }
        pipe = Mutex(ends[1])
        let environment = ChildProcess.plainEnvironment.merging(["HOME": folder, "TMPDIR": folder]) { $1 }
        do throws(SystemError) {
            shell = try ChildProcess.start(
                "/bin/sh", ["-c", Self.watch, "waystation-browsers", folder, Self.program], environment: environment, input: ends[0])
            port = try Self.port(log: folder + "/driver.log", shell) ?? 0
        } catch {
            close(ends[1])
            throw .system(error)
        }
        guard port != 0 else {
            let said = FileManager.default.contents(atPath: folder + "/driver.log") ?? Data()
            close(ends[1])
            throw .notStarted(String(decoding: said, as: UTF8.self))
        }
    }

    /// The port that its log names once it listens; nil if that does not come within a minute.
    private static func port(log: String, _ shell: ChildProcess) throws(SystemError) -> Int? {
        let deadline = MonotonicTime.current + .seconds(60)
        while MonotonicTime.current < deadline {
            let text = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
            let rest = text.components(separatedBy: "successfully on port ").dropFirst().first
            if let rest, rest.contains("\n") { return Int(rest.prefix { $0.isNumber }) }
            guard case .timedOut = shell.wait(timeout: .milliseconds(20)) else { return nil }
        }
        return nil
    }

    /// Ends it and all its browsers and waits until the folder is gone. Blocks.
    func stop() {
        let open = pipe.withLock { pipe in
            defer { pipe = nil }
            return pipe
        }
        if let open { close(open) }
        _ = shell.wait(timeout: .seconds(60))
    }
}
