import Postgres
import Registry
import Runtime

/// One loop's waiting controllers: asks for their commands together, once a second and whenever somebody rings.
///
/// A command is handed to a controller when it is newer than the last event the controller saw, or was told to nobody yet. Ids are drawn
/// before they are committed, so of two commands the lower may come to light later: that one is found as untold.
actor CommandDesk {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// A controller that waits.
    private struct Seat {
        let device: ID<Device>
        let accessPoint: ID<AccessPoint>
        let after: Int64
        /// What it was handed, until it expired.
        var handed: [ID<AccessCommand>: Timestamp] = [:]
        var inbox: [AccessCommand] = []
        var isOver = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    static let interval = Duration.seconds(1)

    private let store: AccessCommandStore
    private var seats: [Int: Seat] = [:]
    private var lastNumber = 0
    private var isAsking = false
    private var isRung = false
    private var isTimed = false

    init(store: AccessCommandStore, loop: EventLoop) {
        self.store = store
        self.loop = loop
    }

    /// A place for a controller; whoever takes one gives it back by `leave`.
    func sit(_ device: ID<Device>, _ accessPoint: ID<AccessPoint>, after: Int64) -> Int {
        lastNumber += 1
        seats[lastNumber] = Seat(device: device, accessPoint: accessPoint, after: after)
        ask()
        return lastNumber
    }

    func leave(_ number: Int) {
        let seat = seats.removeValue(forKey: number)
        seat?.waiting?.resume()
    }

    /// Waits for commands. Nil once the device no longer serves the access point, or the task was cancelled.
    func next(_ number: Int) async -> [AccessCommand]? {
        while let seat = seats[number], !seat.isOver, !Task.isCancelled {
            if !seat.inbox.isEmpty {
                seats[number]?.inbox = []
                return seat.inbox
            }
            let loop = loop
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    guard !Task.isCancelled else { return continuation.resume() }
                    seats[number]?.waiting = continuation
                }
            } onCancel: {
                loop.perform { self.assumeIsolated { $0.wake(number) } }
            }
        }
        return nil
    }

    /// Somebody wrote a command. May be called from anywhere.
    nonisolated func ring() {
        loop.perform { self.assumeIsolated { $0.ask() } }
    }

    private func wake(_ number: Int) {
        let waiting = seats[number]?.waiting
        seats[number]?.waiting = nil
        waiting?.resume()
    }

    private func ask() {
        guard !seats.isEmpty else { return }
        guard !isAsking else {
            isRung = true
            return
        }
        isAsking = true
        Task(executorPreference: loop) { await self.hear() }
    }

    private func hear() async {
        let asked = seats.sorted { $0.key < $1.key }
        do throws(PostgresError) {
            let found = try await store.inForce(asked.map(\.value.device), asked.map(\.value.accessPoint))
            for ((number, _), commands) in zip(asked, found) { hand(commands, to: number) }
        } catch {
            // Whoever waits goes on waiting: the next second asks again.
            store.note(error)
            isRung = false
        }
        isAsking = false
        if isRung {
            isRung = false
            ask()
        } else {
            scheduleNext()
        }
    }

    private func hand(_ commands: [AccessCommandStore.Waiting]?, to number: Int) {
        guard var seat = seats[number] else { return }
        if let commands {
            let fresh = commands.filter { waiting in
                seat.handed[waiting.command.id] == nil && (waiting.command.id.rawValue > seat.after || waiting.isUntold)
            }
            if seat.handed.count > 100 {
                // What expired comes up no more.
                let inForce = Set(commands.map(\.command.id))
                seat.handed = seat.handed.filter { inForce.contains($0.key) }
            }
            for waiting in fresh {
                seat.handed[waiting.command.id] = waiting.command.expiresAt
                seat.inbox.append(waiting.command)
            }
        } else {
            seat.isOver = true
        }
        seats[number] = seat
        if seat.isOver || !seat.inbox.isEmpty { wake(number) }
    }

    private func scheduleNext() {
        guard !isTimed, !seats.isEmpty else { return }
        isTimed = true
        loop.schedule(after: Self.interval) {
            self.assumeIsolated { desk in
                desk.isTimed = false
                desk.ask()
            }
        }
    }
}

/// The desks of all loops.
package struct CommandDesks: Sendable {
    private let desks: PerLoop<CommandDesk>

    init(store: AccessCommandStore, loops: [EventLoop]) {
        desks = PerLoop(loops) { CommandDesk(store: store, loop: $0) }
    }

    var current: CommandDesk { desks.current }

    /// A command was written: all desks look. Called for each notification on `AccessCommandStore.channel`.
    package func ring() {
        for desk in desks.all { desk.ring() }
    }
}
