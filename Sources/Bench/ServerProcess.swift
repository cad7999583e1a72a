import CLinux
import FoundationEssentials
import Glibc
import Runtime

/// `waystation serve` as a process of its own beside this program, as users run it.
final class ServerProcess: Sendable {
    let port: UInt16
    private let process: ChildProcess

    /// Starts it on a free port and returns when it answers.
    init(arguments: [String], port: UInt16) throws {
        self.port = port
        process = try ChildProcess.start(Self.program(), ["serve", "--port", String(port), "--log-level", "error"] + arguments, errors: 2)
    }

    /// The server's program, which stands beside this one.
    static func program() throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/waystation"
        guard access(program, X_OK) == 0 else { throw BenchError(description: "\(program) is missing: swift build -c release") }
        return program
    }

    /// Waits until `/readyz` says 200.
    func waitUntilReady(_ loop: EventLoop) async throws {
        let deadline = MonotonicTime.current + .seconds(60)
        while MonotonicTime.current < deadline {
            let load = Load(on: loop) { Array("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8) }
            do {
                let result = try await load.run(port: port, connections: 1, warmUp: .zero, duration: .milliseconds(100))
                if result.statuses[200] != nil { return }
            } catch let error as SystemError where error.code == ECONNREFUSED {
                continue
            }
        }
        throw BenchError(description: "waystation serve did not become ready within a minute")
    }

    /// CPU seconds used so far, user and system.
    var cpuSeconds: Double {
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(process.id)/stat") else { return 0 }
        // Fields after the name in parentheses: utime and stime are the 12th and 13th.
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 13, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(CInt(_SC_CLK_TCK)))
    }

    /// Resident memory in MB.
    var residentMegabytes: Double { Self.residentMegabytes(of: process.id) }

    static func residentMegabytes(of process: CInt) -> Double {
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/statm") else { return 0 }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Double(fields[1]) else { return 0 }
        return pages * Double(sysconf(CInt(_SC_PAGESIZE))) / 1_000_000
    }

    func kill() {
        process.send(SIGKILL)
        _ = process.wait()
    }

    func stop() {
        process.send(SIGTERM)
        if case .timedOut = process.wait(timeout: .seconds(15)) {
            process.send(SIGKILL)
            _ = process.wait()
        }
    }

    /// A port that was free a moment ago.
    static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw SystemError.last("bind") }
        return UInt16(bigEndian: address.sin_port)
    }
}
