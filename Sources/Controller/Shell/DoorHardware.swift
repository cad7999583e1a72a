import Glibc
import Runtime

/// The door itself: a command that opens it, and one that tells what its contact says.
///
/// A detail of the machine, not of the decision: whether the command works is its own business, and a decision never waits for it.
struct DoorHardware {
    private let onOpen: String?
    private let contactCommand: String?
    private let log: Log
    private var running: [(process: ChildProcess, since: MonotonicTime)] = []
    private var contact: ChildProcess?
    private var contactRest: [UInt8] = []
    private var contactRetryAt: MonotonicTime?
    /// Where the contact's lines come; -1 without one.
    private(set) var contactDescriptor: CInt = -1

    private static let runningMax = 8
    private static let commandMax = Duration.seconds(120)

    init(onOpen: String?, contactCommand: String?, log: Log) {
        self.onOpen = onOpen
        self.contactCommand = contactCommand
        self.log = log
        contactRetryAt = contactCommand == nil ? nil : .current
    }

    /// Runs the command that opens the door.
    mutating func open(relayMilliseconds: Int32, requestID: String, direction: String) {
        guard let onOpen else { return }
        reap()
        guard running.count < Self.runningMax else {
            return log.warning("on_open.too_many", ["running": .integer(Int64(running.count))])
        }
        let environment = ChildProcess.plainEnvironment.merging(
            [
                "WAYSTATION_RELAY_MILLISECONDS": String(relayMilliseconds), "WAYSTATION_REQUEST_ID": requestID,
                "WAYSTATION_DIRECTION": direction,
            ], uniquingKeysWith: { $1 })
        do {
            running.append((try ChildProcess.start("/bin/sh", ["-c", onOpen], environment: environment, output: 2, errors: 2), .current))
        } catch {
            log.error("on_open.failed", ["reason": .text("\(error)")])
        }
    }

    /// Takes leave of commands that have ended, and of those that never will.
    mutating func reap() {
        let now = MonotonicTime.current
        running.removeAll { process, since in
            if case .ended(let end) = process.wait(timeout: .zero) {
                if end != .status(0) { log.warning("on_open.failed", ["reason": .text("\(end)")]) }
                return true
            }
            if now >= since + Self.commandMax { process.send(SIGKILL) }
            return false
        }
    }

    var isRunning: Bool { !running.isEmpty }

    // MARK: Contact

    /// When the contact's command is next to be started.
    var nextStart: MonotonicTime? { contactRetryAt }

    mutating func startContact(at now: MonotonicTime) {
        guard let contactCommand, let contactRetryAt, now >= contactRetryAt else { return }
        self.contactRetryAt = nil
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return failedContact(.last("pipe")) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        do {
            contact = try ChildProcess.start("/bin/sh", ["-c", contactCommand], output: ends[1], errors: 2)
            contactDescriptor = ends[0]
        } catch {
            close(ends[0])
            failedContact(error)
        }
    }

    private mutating func failedContact(_ error: SystemError) {
        log.error("contact.failed", ["reason": .text("\(error)")])
        contactRetryAt = .current + .seconds(5)
    }

    /// What the contact said since: true for open. When its command ends it is started again after 5 seconds.
    mutating func contactLines() -> [Bool] {
        var piece = [UInt8](repeating: 0, count: 4_096)
        let count = read(contactDescriptor, &piece, piece.count)
        guard count > 0 else {
            close(contactDescriptor)
            contactDescriptor = -1
            contact?.send(SIGKILL)
            _ = contact?.wait(timeout: .seconds(1))
            contact = nil
            failedContact(SystemError(call: "contact command", code: EPIPE))
            return []
        }
        contactRest += piece[..<count]
        var said: [Bool] = []
        while let end = contactRest.firstIndex(of: 0x0A) {
            switch String(decoding: contactRest[..<end], as: UTF8.self).split(separator: " ").first {
            case "open": said.append(true)
            case "closed": said.append(false)
            default: log.warning("contact.unknown_line")
            }
            contactRest.removeSubrange(...end)
        }
        if contactRest.count > 4_096 { contactRest = [] }
        return said
    }

    /// Ends the contact's command.
    func stop() {
        contact?.send(SIGTERM)
    }
}
