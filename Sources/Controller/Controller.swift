import Crypto
import Glibc
import Runtime

/// `waystation door`: reads codes, asks the server or decides alone, opens, and sees to it that the server learns of everything.
///
/// One thread looks after the door: it waits for codes, the contact, commands and signals, and takes one scan after another. Errands and
/// the stream of commands have threads of their own. Without any network a scan takes the budget of its question and two writes to the
/// disk.
struct Controller {
    static let version = "1"

    /// What it is told at its start.
    struct Settings: Sendable {
        var place: ServerPlace
        var folder: String
        var direction: DoorDirection
        /// Serial scanners; standard input is read when there is none.
        var device: String?
        var exitDevice: String?
        var onOpen: String?
        var contactCommand: String?
        var heldAfter: Duration
        var isJSON: Bool
        /// Whether `#offline`, `#online`, `#sync` and `#clock SECONDS` on standard input are obeyed.
        var isRehearsal: Bool
        var clockOffsetMicroseconds: Int64
    }

    /// How long the server has for its answer: 300 milliseconds.
    static let askBudget = Duration.milliseconds(300)

    private let settings: Settings
    private let log: Log
    private let clock: MachineClock
    private let link: Link
    private let door: Door
    private let errands: Errands
    private let commands: CommandWatch
    private let server: DoorServer
    private let bell: Bell
    private let output: DoorOutput
    private var hardware: DoorHardware
    private var contact: DoorContact
    private var inputs: [LineInput]

    private init(_ settings: Settings, log: Log) throws {
        self.settings = settings
        self.log = log
        let clock = MachineClock(offsetMicroseconds: settings.clockOffsetMicroseconds)
        let readClock: @Sendable () -> ClockReading = { clock.reading }
        self.clock = clock
        link = Link(log: log)
        bell = try Bell()
        door = try Door(folder: settings.folder, readClock: readClock, log: log)
        server = try DoorServer(settings.place, link: link, readClock: readClock)
        errands = try Errands(door: door, link: link, place: settings.place, readClock: readClock, log: log)
        commands = CommandWatch(place: settings.place, link: link, bell: bell, log: log)
        output = DoorOutput(isJSON: settings.isJSON)
        hardware = DoorHardware(onOpen: settings.onOpen, contactCommand: settings.contactCommand, log: log)
        contact = DoorContact(heldAfter: settings.heldAfter)
        inputs = []
        if let device = settings.device { inputs.append(LineInput(device: device, settings.direction)) }
        if let device = settings.exitDevice { inputs.append(LineInput(device: device, .outward)) }
        if inputs.isEmpty { inputs.append(LineInput(standardInput: settings.direction)) }
    }

    /// Runs until one of `signals` comes, or until standard input ends where codes come from it. Blocks.
    static func run(_ settings: Settings, until signals: SignalDescriptor, log: Log) throws {
        let lock = try FolderLock(settings.folder)
        defer { withExtendedLifetime(lock) {} }
        var controller = try Controller(settings, log: log)
        try controller.work(until: signals.descriptor)
    }

    private mutating func work(until signal: CInt) throws {
        if let (scan, decision) = door.settleUnfinished() { output.decision(scan, decision, took: .zero) }
        try errands.start()
        try commands.start()
        log.notice("door.ready", ["accessPoint": .integer(settings.place.accessPoint)])
        loop: while true {
            let now = MonotonicTime.current
            for index in inputs.indices { inputs[index].reopen(at: now) }
            hardware.startContact(at: now)
            if let change = contact.tick(at: now) { moved(change) }
            if hardware.isRunning { hardware.reap() }

            // poll passes over a negative descriptor.
            let watched = [signal, bell.descriptor, hardware.contactDescriptor] + inputs.map(\.descriptor)
            var entries = watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&entries, nfds_t(entries.count), waitMilliseconds()) > 0 else { continue }
            if entries[0].revents != 0 { break }
            if entries[1].revents != 0 {
                bell.silence()
                for command in commands.take() { obey(command) }
            }
            if entries[2].revents != 0 {
                for isOpen in hardware.contactLines() {
                    if let change = contact.heard(isOpen: isOpen, at: .current) { moved(change) }
                }
            }
            for index in inputs.indices where entries[3 + index].revents != 0 {
                guard let lines = inputs[index].lines() else { break loop }
                for line in lines { read(line, inputs[index].direction) }
            }
        }
        hardware.stop()
        errands.finish()
        log.notice("door.stopped", ["pending": .integer(door.figures.pending)])
    }

    private func waitMilliseconds() -> CInt {
        var next = [contact.nextTick, hardware.nextStart] + inputs.map(\.retryAt)
        // A command that opens the door is over in seconds; nothing waits for it but its remains.
        if hardware.isRunning { next.append(.current + .milliseconds(500)) }
        guard let first = next.compactMap({ $0 }).min() else { return -1 }
        return CInt(clamping: max(0, (first - .current).nanoseconds + 999_999) / 1_000_000)
    }

    private func moved(_ change: DoorContact.State) {
        output.door(change.rawValue, at: door.now)
        if change == .forced || change == .held { log.warning("door.\(change.rawValue)") }
        errands.report(change)
    }

    // MARK: Codes

    private mutating func read(_ line: String, _ direction: DoorDirection) {
        if settings.isRehearsal, line.hasPrefix("#") { return rehearse(line) }
        let start = MonotonicTime.current
        if !door.isTimeCertain, let heard = server.time(within: Self.askBudget) {
            door.hear(heard.microseconds, resolution: 500_000, asked: heard.asked, answered: heard.answered)
        }
        let (scan, begun) = door.begin(line, direction)
        let decision: DoorDecision
        switch begun {
        case .decided(let decided): decision = decided
        case .toBeAsked: decision = door.finish(scan, server.ask(scan, within: Self.askBudget))
        }
        if decision.isOpen { release(decision.relayMilliseconds, scan.requestID.description, direction.rawValue) }
        output.decision(scan, decision, took: .current - start)
        // The server's own decisions are done with too, and may be forgotten.
        errands.wake()
    }

    private mutating func release(_ relayMilliseconds: Int32, _ requestID: String, _ direction: String) {
        contact.grant(.milliseconds(Int64(relayMilliseconds)), at: .current)
        hardware.open(relayMilliseconds: relayMilliseconds, requestID: requestID, direction: direction)
    }

    private func rehearse(_ line: String) {
        let words = line.split(separator: " ")
        switch words.first {
        case "#offline":
            link.isCut = true
            log.notice("network.cut")
        case "#online":
            link.isCut = false
            log.notice("network.back")
            errands.wishSync()
        case "#sync": errands.wishSync()
        case "#clock":
            clock.move(seconds: words.dropFirst().first.flatMap { Int64($0) } ?? 0)
        default: log.warning("rehearsal.unknown_line")
        }
    }

    // MARK: Commands

    private mutating func obey(_ command: DoorCommand) {
        if let end = command.expiresAt.flatMap({ microseconds(dateTime: $0) }), end < door.now { return }
        guard door.isNew(command: command.commandId) else { return }
        switch command.kind {
        case "open":
            let relay = command.relayMilliseconds ?? door.policy?.relayMilliseconds ?? 3_000
            release(relay, command.requestId ?? "", DoorDirection.inward.rawValue)
            output.opened(requestID: command.requestId ?? "", relayMilliseconds: relay, at: door.now)
        case "lock_down": become(.lockedDown)
        case "unlock": become(.unlocked)
        case "normal": become(.normal)
        case "sync": errands.wishSync()
        default: log.warning("command.unknown", ["kind": .text(command.kind)])
        }
    }

    private mutating func become(_ state: DoorPolicy.State) {
        door.become(state)
        output.door(state.rawValue, at: door.now)
        errands.wishSync()
    }
}
