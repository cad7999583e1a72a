import FoundationEssentials
import HTTPClient
import Runtime
import Synchronization

/// What an organizer or a member's phone wants of this door.
struct DoorCommand: Sendable, Decodable {
    let commandId: Int64
    let kind: String
    let requestId: String?
    let relayMilliseconds: Int32?
    let expiresAt: String?
}

/// Hears commands as the server sends them, on a thread of its own; after a lost connection it listens again.
final class CommandWatch: Sendable {
    private let place: ServerPlace
    private let link: Link
    private let log: Log
    private let bell: Bell
    private let waiting = Mutex<[DoorCommand]>([])
    private let lastEventID = Mutex<String?>(nil)

    /// - Parameter bell: rung when commands wait.
    init(place: ServerPlace, link: Link, bell: Bell, log: Log) {
        self.place = place
        self.link = link
        self.bell = bell
        self.log = log
    }

    /// Those that came since.
    func take() -> [DoorCommand] {
        waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }

    func start() throws(SystemError) {
        try startThread(name: "commands") { [self] ready in
            ready()
            var pause = Duration.seconds(1)
            while true {
                let isHeard = listen()
                pause = isHeard ? .seconds(1) : min(pause * 2, .seconds(15))
                sleepThread(pause)
            }
        }
    }

    /// Listens until the connection ends; true if there was one.
    private func listen() -> Bool {
        guard !link.isCut else { return false }
        var isHeard = false
        do {
            let client = try HTTPClient(
                baseURL: place.url, bearer: place.key, connectTimeout: .seconds(3), trustedCertificates: place.trustedCertificates)
            try client.events(
                "/v1/access-points/\(place.accessPoint)/commands", lastEventID: lastEventID.withLock { $0 }, silence: .seconds(40),
                onOpen: { isHeard = true },
                onEvent: { event in
                    if link.isCut { return false }
                    hear(event)
                    return true
                })
        } catch {
            link.note(error)
        }
        return isHeard
    }

    private func hear(_ event: HTTPClientEvent) {
        if !event.id.isEmpty { lastEventID.withLock { $0 = event.id } }
        // The stream's greeting.
        if event.event == "ready" { return }
        do {
            let command = try JSONDecoder().decode(DoorCommand.self, from: Data(event.data.utf8))
            waiting.withLock { $0.append(command) }
            bell.ring()
        } catch {
            log.warning("command.unknown", ["event": .text(event.event)])
        }
    }
}
