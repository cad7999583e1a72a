import FoundationEssentials
import Glibc
import Runtime
import Synchronization

/// `waystation-door` as a process: codes go in, decisions come out, and it may be killed at any moment.
final class DoorProcess: Sendable {
    /// A line of its standard output.
    struct Line: Decodable, Sendable {
        let requestId: String?
        let open: Bool?
        let decidedBy: String?
        let time: String
        let reasons: [String]?
    }

    let process: ChildProcess
    private let input: CInt
    private let lines = Mutex<[Line]>([])
    private let isEnded = Atomic(false)

    init(_ arguments: [String]) throws {
        let program =
            try ServerProcess.program().split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/") + "/waystation-door"
        guard access(program, X_OK) == 0 else { throw BenchError(description: "\(program) is missing: swift build") }
        var (toDoor, fromDoor): ([CInt], [CInt]) = ([-1, -1], [-1, -1])
        guard pipe(&toDoor) == 0, pipe(&fromDoor) == 0 else { throw SystemError.last("pipe") }
        for end in [toDoor[1], fromDoor[0]] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        process = try ChildProcess.start(
            program, arguments + ["--output", "json", "--log-level", "error"], input: toDoor[0], output: fromDoor[1], errors: 2)
        close(toDoor[0])
        close(fromDoor[1])
        input = toDoor[1]
        let output = fromDoor[0]
        try startThread(name: "door-output") { [self] ready in
            ready()
            read(output)
        }
    }

    private func read(_ output: CInt) {
        var rest: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(output, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest += piece[..<count]
            while let end = rest.firstIndex(of: 0x0A) {
                do {
                    let line = try JSONDecoder().decode(Line.self, from: Data(rest[..<end]))
                    lines.withLock { $0.append(line) }
                } catch {
                    Output.error("not a line of the door: \(error)\n")
                }
                rest.removeSubrange(...end)
            }
        }
        close(output)
        isEnded.store(true, ordering: .releasing)
    }

    /// Types a line; false when nobody reads any more.
    func type(_ line: String) -> Bool {
        let bytes = Array("\(line)\n".utf8)
        return write(input, bytes, bytes.count) == bytes.count
    }

    /// What it has said so far.
    var said: [Line] { lines.withLock { $0 } }
    var hasEnded: Bool { isEnded.load(ordering: .acquiring) }

    /// kill -9; returns when all that it said has been read.
    func kill() {
        process.send(SIGKILL)
        end()
    }

    /// SIGTERM, and what it ended with.
    func stop() -> ChildProcess.Waited {
        process.send(SIGTERM)
        let waited = process.wait(timeout: .seconds(20))
        if case .timedOut = waited { process.send(SIGKILL) }
        end()
        return waited
    }

    private func end() {
        _ = process.wait()
        while !hasEnded { usleep(1_000) }
        close(input)
    }
}
