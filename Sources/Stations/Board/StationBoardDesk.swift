import HTTP
import Postgres
import Registry
import Runtime

/// One loop's watchers of the live board: looked up once a second for all of them together, and only while there are any.
///
/// A look is one statement, however many watch. What changed is encoded once for each distinct scope and handed to all of its watchers as
/// the same bytes: 1,000 open boards of one scope cost a second what one costs, and 1,000 writes.
actor StationBoardDesk {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private struct Seat {
        let scope: Scope
        let session: ID<AccountSession>?
        /// Is owed a whole board: just came, or read too slowly for changes.
        var isOwedAll = true
        var inbox: [EncodedEvent] = []
        var isOver = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    /// Where a desk looks.
    struct Source: Sendable {
        /// The stations below the roots, or all of them.
        let rows: @Sendable (_ roots: [ID<Organization>], _ everything: Bool) async throws(PostgresError) -> [StationBoardRow]
        /// How far these sessions reach now; those that have ended are missing.
        let scopes: @Sendable ([ID<AccountSession>]) async throws(PostgresError) -> [ID<AccountSession>: Scope]
        let now: @Sendable () -> Timestamp
    }

    static let interval = Duration.seconds(1)
    /// Changes that wait for a slow reader; then they are dropped for a whole board.
    private static let inboxMax = 10

    private let source: Source
    /// How often the watchers' sessions are looked at.
    private let checkedEvery: Duration
    private var seats: [Int: Seat] = [:]
    private var lastNumber = 0
    private var known: [ID<Station>: StationBoardRow] = [:]
    private var knownRoots: Set<ID<Organization>> = []
    private var isTimed = false
    private var lookedAt: MonotonicTime?
    private var checkedAt: MonotonicTime?

    init(loop: EventLoop, source: Source, checkedEvery: Duration = .seconds(30)) {
        self.loop = loop
        self.source = source
        self.checkedEvery = checkedEvery
    }

    /// A place for a watcher, who is told the whole board first; whoever takes one gives it back by `leave`.
    func sit(_ scope: Scope, session: ID<AccountSession>?) -> Int {
        lastNumber += 1
        if seats.isEmpty { checkedAt = loop.now }
        seats[lastNumber] = Seat(scope: scope, session: session)
        scheduleNext()
        return lastNumber
    }

    func leave(_ number: Int) {
        seats.removeValue(forKey: number)?.waiting?.resume()
        if seats.isEmpty { known = [:] }
    }

    /// Waits for what is to be sent. Nil once the watcher's session has ended or reaches elsewhere, or the task was cancelled.
    func next(_ number: Int) async -> [EncodedEvent]? {
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

    private func wake(_ number: Int) {
        let waiting = seats[number]?.waiting
        seats[number]?.waiting = nil
        waiting?.resume()
    }

    private func scheduleNext() {
        guard !isTimed, !seats.isEmpty else { return }
        isTimed = true
        let due = lookedAt.map { $0 + Self.interval } ?? loop.now
        loop.schedule(after: due > loop.now ? due - loop.now : .zero) {
            Task(executorPreference: self.loop) { await self.look() }
        }
    }

    private func look() async {
        lookedAt = loop.now
        do {
            try await check()
            let scopes = Set(seats.values.map(\.scope))
            let roots = Set(scopes.flatMap { $0.roots ?? [] })
            let rows = try await source.rows(roots.sorted(), scopes.contains(.everything))
            try hand(rows, to: scopes, roots)
        } catch {
            // Whoever watches goes on watching: the next second asks again.
        }
        isTimed = false
        scheduleNext()
    }

    private func hand(_ rows: [StationBoardRow], to scopes: Set<Scope>, _ roots: Set<ID<Organization>>) throws {
        let before = known
        let common = roots.intersection(knownRoots)
        known = Dictionary(uniqueKeysWithValues: rows.map { ($0.line.id, $0) })
        knownRoots = roots
        let changed = Set(
            rows.filter { row in before[row.line.id].map { !Self.isAlike($0, row, common) } ?? true }.map(\.line.id)
                + before.keys.filter { known[$0] == nil })
        let at = source.now().description
        for scope in scopes {
            let (owed, others) = watchers(of: scope)
            if !owed.isEmpty {
                let items = rows.filter { $0.isWithin(scope) }.map(\.line)
                try deliver("board", StationBoard(items: items, at: at), to: owed)
            }
            guard !others.isEmpty else { continue }
            let items = changed.sorted().compactMap { known[$0] }.filter { $0.isWithin(scope) }.map(\.line)
            let gone = changed.filter { before[$0]?.isWithin(scope) == true && known[$0]?.isWithin(scope) != true }.sorted()
            if items.isEmpty && gone.isEmpty { continue }
            try deliver("stations", StationBoardChange(items: items, gone: gone, at: at), to: others)
        }
    }

    /// - Parameter common: the roots that both were asked with; of others only one of the rows can know.
    private static func isAlike(_ one: StationBoardRow, _ other: StationBoardRow, _ common: Set<ID<Organization>>) -> Bool {
        guard one.line.isAlike(other.line) else { return false }
        return one.reached == other.reached || one.reached.filter(common.contains) == other.reached.filter(common.contains)
    }

    /// Those who are owed a whole board, and those who are told what changed.
    private func watchers(of scope: Scope) -> (owed: [Int], others: [Int]) {
        var owed: [Int] = []
        var others: [Int] = []
        for (number, seat) in seats where seat.scope == scope {
            if seat.isOwedAll || seat.inbox.count >= Self.inboxMax { owed.append(number) } else { others.append(number) }
        }
        return (owed, others)
    }

    private func deliver(_ event: String, _ answer: some Encodable & Sendable, to numbers: [Int]) throws {
        let bytes = EncodedEvent(ServerSentEvent(event: event, data: String(decoding: try JSON.encode(answer), as: UTF8.self)))
        for number in numbers {
            if event == "board" { seats[number]?.inbox = [] }
            seats[number]?.isOwedAll = false
            seats[number]?.inbox.append(bytes)
            wake(number)
        }
    }

    /// Ends the watching of those whose session has ended or reaches elsewhere now: they come back with what they may see.
    private func check() async throws(PostgresError) {
        guard let checkedAt, loop.now >= checkedAt + checkedEvery else { return }
        self.checkedAt = loop.now
        let sessions = Set(seats.values.compactMap(\.session)).sorted()
        let scopes = try await source.scopes(sessions)
        for (number, seat) in seats {
            // Whoever sat down meanwhile was let in just now.
            guard let session = seat.session, sessions.contains(session), scopes[session] != seat.scope else { continue }
            seats[number]?.isOver = true
            wake(number)
        }
    }
}

/// The desks of all loops.
struct StationBoardDesks: Sendable {
    private let desks: PerLoop<StationBoardDesk>

    init(_ boards: StationBoardStore, accounts: AccountStore, clock: Clock, loops: [EventLoop]) {
        let source = StationBoardDesk.Source(
            rows: { (roots, everything) async throws(PostgresError) in try await boards.rows(below: roots, everything: everything) },
            scopes: { (sessions) async throws(PostgresError) in
                try await accounts.inForce(sessions).mapValues { $0.scope(of: RegistryPermission.stationsRead) }
            }, now: { Timestamp(microseconds: clock.nowMicroseconds) })
        desks = PerLoop(loops) { StationBoardDesk(loop: $0, source: source) }
    }

    var current: StationBoardDesk { desks.current }
}
