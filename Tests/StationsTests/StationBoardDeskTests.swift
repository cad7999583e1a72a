import Postgres
import Registry
import Runtime
import Synchronization
import TestSupport
import Testing

@testable import HTTP
@testable import Stations

/// How watchers of the board are told.
@Suite(.serialized) struct StationBoardDeskTests {
    /// A made-up database: what it was asked, and what it says.
    private final class Source: Sendable {
        struct State {
            var rows: [StationBoardRow] = []
            var asked: [(roots: [ID<Organization>], everything: Bool)] = []
            var scopes: [ID<AccountSession>: Scope] = [:]
            var fails = 0
        }

        let state = Mutex(State())

        var desk: StationBoardDesk.Source {
            StationBoardDesk.Source(
                rows: { [self] (roots, everything) throws(PostgresError) in
                    let fails = state.withLock { state in
                        state.asked.append((roots, everything))
                        state.fails -= 1
                        return state.fails >= 0
                    }
                    if fails { throw .decoding("made to fail") }
                    return state.withLock { $0.rows }
                }, scopes: { [self] (_) throws(PostgresError) in state.withLock { $0.scopes } },
                now: { Timestamp(microseconds: 1_000_000) })
        }

        func set(_ rows: [StationBoardRow]) { state.withLock { $0.rows = rows } }
        var asked: Int { state.withLock { $0.asked.count } }
    }

    private static func row(_ id: Int64, people: Int32 = 0, reached: [Int64] = [], heard: String? = nil) -> StationBoardRow {
        StationBoardRow(
            line: StationBoardLine(
                id: ID(id), organizationId: ID(1), nameZh: "站\(id)", nameEn: nil, kind: .plain, status: .open, doorState: .normal,
                capacity: nil, peopleInside: people, isOpen: true, entriesLastHour: 0, refusalsLastHour: 0, lastEntryAt: nil, alarmsOpen: 0,
                worstAlarm: nil, controllers: 0, controllersSilent: 0, heardAt: heard), reached: reached.map { ID($0) })
    }

    private struct Told: Decodable {
        struct Line: Decodable {
            let id: Int64
            let peopleInside: Int
        }

        let items: [Line]
        let gone: [Int64]?
    }

    private static func read(_ event: EncodedEvent) throws -> (name: String, told: Told) {
        let lines = String(decoding: event.bytes, as: UTF8.self).split(separator: "\n")
        let name = try #require(lines.first { $0.hasPrefix("event: ") }).dropFirst(7)
        let data = try #require(lines.first { $0.hasPrefix("data: ") }).dropFirst(6)
        return (String(name), try JSON.decode(Told.self, from: Array(data.utf8)))
    }

    private func withDesk(
        checkedEvery: Duration = .seconds(30), _ body: @escaping @Sendable (Source, StationBoardDesk) async throws -> Void
    ) async throws {
        let source = Source()
        let loop = TestLoops.all[0]
        let desk = StationBoardDesk(loop: loop, source: source.desk, checkedEvery: checkedEvery)
        try await Task(executorPreference: loop) { try await body(source, desk) }.value
    }

    private static func one(_ desk: StationBoardDesk, _ seat: Int) async throws -> (name: String, told: Told) {
        let events = try #require(await desk.next(seat))
        #expect(events.count == 1)
        return try read(events[0])
    }

    @Test func `a watcher is told the whole board, then only what changed`() async throws {
        try await withDesk { source, desk in
            source.set([Self.row(1), Self.row(2, people: 5), Self.row(3)])
            let seat = await desk.sit(.everything, session: nil)
            let board = try await Self.one(desk, seat)
            #expect(board.name == "board" && board.told.items.map(\.id) == [1, 2, 3])
            source.set([Self.row(1, heard: "2026-01-01T00:00:00Z"), Self.row(2, people: 6), Self.row(4)])
            let change = try await Self.one(desk, seat)
            #expect(change.name == "stations" && change.told.items.map(\.id) == [2, 4] && change.told.gone == [3])
            #expect(change.told.items[0].peopleInside == 6)
            await desk.leave(seat)
        }
    }

    @Test func `a thousand watchers cost one statement a second, and none when they have left`() async throws {
        try await withDesk { source, desk in
            source.set([Self.row(1), Self.row(2)])
            let came = loopNow()
            var seats: [Int] = []
            for number in 0..<1_000 {
                seats.append(await desk.sit(number % 2 == 0 ? .everything : Scope(subtrees: [ID(7)]), session: nil))
            }
            for seat in seats { _ = try await Self.one(desk, seat) }
            let first = source.asked
            #expect(first <= 2 + wholeSeconds(since: came), "one for the first who came, one for all who came after")
            source.set([Self.row(1, people: 1), Self.row(2, people: 1, reached: [7])])
            let started = loopNow()
            for (number, seat) in seats.enumerated() {
                let told = try await Self.one(desk, seat)
                #expect(told.told.items.map(\.id) == (number % 2 == 0 ? [1, 2] : [2]))
            }
            #expect(source.asked - first <= 2 + wholeSeconds(since: started))
            let last = try #require(source.state.withLock { $0.asked.last })
            #expect(last.roots == [ID(7)] && last.everything)
            for seat in seats { await desk.leave(seat) }
            // One look may be under way, however slowly.
            let asked = source.asked
            try await Task.sleep(for: .milliseconds(3_500))
            #expect(source.asked <= asked + 1, "nobody watches")
        }
    }

    @Test func `each scope is told of its own stations, and of those that leave it`() async throws {
        try await withDesk { source, desk in
            let north = Scope(subtrees: [ID(7)])
            source.set([Self.row(1, reached: [7]), Self.row(2, reached: [8])])
            let seat = await desk.sit(north, session: nil)
            #expect(try await Self.one(desk, seat).told.items.map(\.id) == [1])
            let south = await desk.sit(Scope(subtrees: [ID(8)]), session: nil)
            #expect(try await Self.one(desk, south).told.items.map(\.id) == [2])
            source.set([Self.row(1, reached: [8]), Self.row(2, reached: [8])])
            let left = try await Self.one(desk, seat)
            #expect(left.told.items.isEmpty && left.told.gone == [1])
            let came = try await Self.one(desk, south)
            #expect(came.told.items.map(\.id) == [1] && came.told.gone == [])
            await desk.leave(seat)
            await desk.leave(south)
        }
    }

    @Test func `who reads too slowly is sent the whole board again, and a failing database ends nobody's watching`() async throws {
        try await withDesk { source, desk in
            source.set([Self.row(1)])
            let slow = await desk.sit(.everything, session: nil)
            let quick = await desk.sit(.everything, session: nil)
            _ = try await Self.one(desk, quick)
            _ = try await Self.one(desk, slow)
            source.state.withLock { $0.fails = 1 }
            for people: Int32 in 1...11 {
                source.set([Self.row(1, people: people)])
                #expect(try await Self.one(desk, quick).told.items.first?.peopleInside == Int(people))
            }
            let events = try #require(await desk.next(slow))
            let whole = try Self.read(events[0])
            #expect(events.count == 1 && whole.name == "board")
            await desk.leave(slow)
            await desk.leave(quick)
        }
    }

    @Test func `a session that ended, or reaches elsewhere now, ends the watching`() async throws {
        try await withDesk(checkedEvery: .milliseconds(10)) { source, desk in
            source.state.withLock { $0.scopes = [ID(1): .everything, ID(2): Scope(subtrees: [ID(7)])] }
            var seats: [Int] = []
            for session: Int64 in 1...3 { seats.append(await desk.sit(.everything, session: ID(session))) }
            source.set([Self.row(1)])
            for seat in seats { _ = await desk.next(seat) }
            source.set([Self.row(1, people: 1)])
            #expect(await desk.next(seats[0]) != nil)
            #expect(await desk.next(seats[1]) == nil, "its roles changed")
            #expect(await desk.next(seats[2]) == nil, "it is over")
            for seat in seats { await desk.leave(seat) }
        }
    }

    private func loopNow() -> MonotonicTime { .current }

    private func wholeSeconds(since begin: MonotonicTime) -> Int { Int((loopNow() - begin).components.seconds) }
}
