import CLinux
import Glibc
import Synchronization

/// A process that this one started, or one found running that is looked after as if it had been.
///
/// It is held by a pidfd, so a signal never hits a stranger who got the same number later, and waiting for its end is a `poll` that
/// other descriptors can join. Everything here blocks: for threads, never for loops.
package final class ChildProcess: Sendable {
    /// How it ended.
    package enum End: Hashable, Sendable, CustomStringConvertible {
        case status(CInt)
        case signal(CInt)
        /// Not our child, so the kernel told nobody.
        case unknown

        package var description: String {
            switch self {
            case .status(let code): "exit status \(code)"
            case .signal(let number): "signal \(number)"
            case .unknown: "unknown end"
            }
        }
    }

    /// Why a wait returned.
    package enum Waited: Hashable, Sendable { case ended(End), interrupted, timedOut }

    /// What a child gets when nothing else is said: none of this process's settings, no locale of the user's.
    package static let plainEnvironment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]

    package let id: CInt
    private let descriptor: CInt
    private let isOurs: Bool
    private let end = Mutex<End?>(nil)

    private init(id: CInt, isOurs: Bool) throws(SystemError) {
        self.id = id
        self.isOurs = isOurs
        descriptor = pidfd_open(id, 0)
        guard descriptor >= 0 else { throw .last("pidfd_open") }
    }

    deinit { close(descriptor) }

    /// The running process `id`, whoever started it.
    package static func attach(to id: CInt) throws(SystemError) -> ChildProcess {
        try ChildProcess(id: id, isOurs: false)
    }

    /// Starts `path` in a session of its own, so that Ctrl-C in the terminal reaches only us, with an empty signal mask and no descriptor
    /// but the three given (nil is /dev/null).
    package static func start(
        _ path: String, _ arguments: [String], environment: [String: String] = plainEnvironment,
        input: CInt? = nil, output: CInt? = nil, errors: CInt? = nil
    ) throws(SystemError) -> ChildProcess {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(
            &attributes, Int16(CLINUX_POSIX_SPAWN_SETSID) | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, source) in [(CInt(0), input), (1, output), (2, errors)] {
            if let source {
                posix_spawn_file_actions_adddup2(&actions, source, target)
            } else {
                posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
            }
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)

        let words = [path] + arguments
        let settings = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var id = pid_t()
        let code = withCStrings(words) { words in
            withCStrings(settings) { settings in posix_spawn(&id, path, &actions, &attributes, words, settings) }
        }
        guard code == 0 else { throw SystemError(call: "posix_spawn \(path)", code: code) }
        return try ChildProcess(id: id, isOurs: true)
    }

    /// Sends a signal; to one that ended already, nothing.
    package func send(_ signal: CInt) {
        // The only failure possible here is that the process ended, which is no failure to the sender.
        _ = pidfd_send_signal(descriptor, signal, nil, 0)
    }

    /// Waits for the end, for at most `timeout`, and until `interrupt` becomes readable.
    package func wait(timeout: Duration? = nil, interrupt: CInt? = nil) -> Waited {
        if let known = end.withLock({ $0 }) { return .ended(known) }
        let deadline = timeout.map { MonotonicTime.current + $0 }
        while true {
            // poll passes over a negative descriptor.
            var watched = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: interrupt ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            let left = deadline.map { CInt(clamping: max(0, ($0 - .current).nanoseconds + 999_999) / 1_000_000) } ?? -1
            let count = poll(&watched, 2, left)
            if count < 0 && errno == EINTR { continue }
            if watched[0].revents != 0 { return .ended(reap()) }
            if watched[1].revents != 0 { return .interrupted }
            if count <= 0 { return .timedOut }
        }
    }

    private func reap() -> End {
        end.withLock { end in
            if let end { return end }
            var status: CInt = 0
            var found = End.unknown
            if isOurs {
                while waitpid(id, &status, 0) < 0 && errno == EINTR {}
                found = status & 0x7F == 0 ? .status((status >> 8) & 0xFF) : .signal(status & 0x7F)
            }
            end = found
            return found
        }
    }

    /// Runs a program to its end and gives what it wrote to standard output and standard error.
    package static func run(
        _ path: String, _ arguments: [String], environment: [String: String] = plainEnvironment, input: String = ""
    ) throws(SystemError) -> (end: End, output: String) {
        let source = memfd_create("input", UInt32(CLINUX_MFD_CLOEXEC))
        let sink = memfd_create("output", UInt32(CLINUX_MFD_CLOEXEC))
        guard source >= 0, sink >= 0 else { throw .last("memfd_create") }
        defer {
            close(source)
            close(sink)
        }
        let bytes = Array(input.utf8)
        guard write(source, bytes, bytes.count) == bytes.count, lseek(source, 0, SEEK_SET) == 0 else { throw .last("write") }
        let child = try start(path, arguments, environment: environment, input: source, output: sink, errors: sink)
        guard case .ended(let end) = child.wait() else { throw .last("poll") }
        let size = Int(lseek(sink, 0, SEEK_END))
        var output = [UInt8](repeating: 0, count: max(0, size))
        let count = pread(sink, &output, output.count, 0)
        return (end, String(decoding: output.prefix(max(0, count)), as: UTF8.self))
    }
}

/// `strings` as a null-terminated array of C strings, for the time of the call.
private func withCStrings<Value>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value) -> Value {
    let pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
}
