import Glibc
import Runtime
import Synchronization

/// What has to be done beside the door, on a thread of its own: fetch policy, keys and refusals every minute, upload what was decided
/// alone as soon as there is a way, and say every 30 seconds that the controller lives.
final class Errands: Sendable {
    private struct Wishes {
        var sync = false
        var beat = false
        var isOver = false
        var doorState = DoorContact.State.closed
    }

    private let door: Door
    private let link: Link
    private let place: ServerPlace
    private let readClock: @Sendable () -> ClockReading
    private let log: Log
    private let bell: Bell
    private let wishes = Mutex(Wishes())
    private let finished: Bell

    private static let syncEvery = Duration.seconds(60)
    private static let beatEvery = Duration.seconds(30)
    private static let retryAfter = Duration.seconds(1)
    /// How many decisions are told at once: some 200 kB.
    private static let pageMax = 500

    init(
        door: Door, link: Link, place: ServerPlace, readClock: @escaping @Sendable () -> ClockReading, log: Log
    ) throws(SystemError) {
        self.door = door
        self.link = link
        self.place = place
        self.readClock = readClock
        self.log = log
        bell = try Bell()
        finished = try Bell()
    }

    func start() throws {
        // Made here, where what is wrong with the address can still be told.
        _ = try DoorServer(place, link: link, readClock: readClock)
        try startThread(name: "errands") { [self] ready in
            ready()
            do { try run(DoorServer(place, link: link, readClock: readClock)) } catch {
                log.error("errands.ended", ["reason": .text("\(error)")])
            }
            finished.ring()
        }
    }

    /// Something was decided alone, or the network came back.
    func wake() { bell.ring() }
    func wishSync() { wish { $0.sync = true } }

    /// The door's leaf moved.
    func report(_ state: DoorContact.State) {
        wish { wishes in
            wishes.doorState = state
            wishes.beat = true
        }
    }

    /// Ends after one last try to upload, which gets 5 seconds: what is left is on the disk and goes out with the next start.
    func finish() {
        wish { $0.isOver = true }
        finished.wait(until: .current + .seconds(5))
    }

    private func wish(_ change: (inout Wishes) -> Void) {
        wishes.withLock { change(&$0) }
        bell.ring()
    }

    private func run(_ server: DoorServer) {
        var nextSync = MonotonicTime.current
        var nextBeat = MonotonicTime.current
        var nextUpload = MonotonicTime.current
        while true {
            let wished = wishes.withLock { wishes in
                defer { (wishes.sync, wishes.beat) = (false, false) }
                return wishes
            }
            if wished.isOver {
                if door.figures.pending > 0 { _ = upload(server) }
                return
            }
            let now = MonotonicTime.current
            if wished.sync || now >= nextSync { nextSync = .current + (sync(server) ? Self.syncEvery : Self.retryAfter) }
            if wished.beat || now >= nextBeat {
                nextBeat = .current + (beat(server, wished.doorState) ? Self.beatEvery : Self.beatEvery / 6)
            }
            if door.figures.pending > 0, MonotonicTime.current >= nextUpload {
                nextUpload = .current + (upload(server) ? .zero : Self.retryAfter)
            }
            let next = door.figures.pending > 0 ? min(nextSync, nextBeat, nextUpload) : min(nextSync, nextBeat)
            bell.wait(until: next)
        }
    }

    private func sync(_ server: DoorServer) -> Bool {
        var version = door.refusalsVersion
        for _ in 0..<2 {
            switch server.sync(since: version) {
            case .news(let news, let asked, let answered):
                link.recovered()
                if door.learn(news, asked: asked, answered: answered) { return true }
                version = nil
            case .shutOut:
                log.error(
                    "controller.shut_out",
                    ["hint": "this device does not serve the access point: give it to it, or pair it anew if it was revoked"])
                door.shutOut()
                return true
            case .unanswered: return false
            }
        }
        return false
    }

    private func beat(_ server: DoorServer, _ state: DoorContact.State) -> Bool {
        let figures = door.figures
        if abs(figures.wallAheadSeconds) > DoorClock.wallErrorMaxMicroseconds / 1_000_000 {
            log.warning("clock.off", ["aheadSeconds": .integer(figures.wallAheadSeconds)])
        }
        return server.beat(
            ServerMessages.Heartbeat(
                occurredAt: ServerMessages.dateTime(figures.wallMicroseconds), softwareVersion: Controller.version,
                journalLength: figures.pending, refusalListAgeSeconds: figures.refusalsAgeSeconds, doorState: state))
    }

    /// Tells all that is pending; true when nothing is left or the rest may go at once.
    private func upload(_ server: DoorServer) -> Bool {
        // Times are put right by the server's, so it has to be heard first.
        guard door.isTimeCertain || sync(server) else { return false }
        var limit = Self.pageMax
        do {
            while true {
                let (page, entries) = try door.page(limit: limit)
                if entries.isEmpty {
                    try door.acknowledge(page)
                    return true
                }
                switch server.upload(entries) {
                case .told(let refused):
                    for (request, reason) in refused {
                        log.warning("journal.entry_refused", ["requestId": .text(request), "reason": .text(reason)])
                    }
                    try door.acknowledge(page)
                    limit = Self.pageMax
                case .tooMuch where limit > 1: limit = max(1, limit / 8)
                case .tooMuch:
                    // One that the server cannot even read would keep all others back for ever.
                    log.error("journal.entry_unreadable", ["requestId": .text(entries[0].requestId)])
                    try door.acknowledge(page)
                case .shutOut:
                    door.shutOut()
                    return false
                case .unanswered: return false
                }
            }
        } catch {
            log.error("journal.unreadable", ["reason": .text("\(error)")])
            return false
        }
    }
}
