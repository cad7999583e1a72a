import Runtime
import TestSupport
import Testing

@testable import Controller

@Suite struct DoorClockTests {
    private static let year: Int64 = 365 * 86_400_000_000
    private static let now: Int64 = 1_795_000_000_000_000

    @Test(arguments: SeededGenerator.seeds(30)) func `a wall clock set years off, at any moment, moves no time`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var clock = DoorClock()
        var wallError = Int64.random(in: -10 * Self.year...10 * Self.year, using: &random)
        var elapsed: Int64 = 0
        func reading() -> ClockReading {
            ClockReading(wallMicroseconds: Self.now + elapsed + wallError, bootMicroseconds: 5_000_000 + elapsed, bootID: 7)
        }
        var heard = false
        for _ in 0..<200 {
            elapsed += Int64.random(in: 0...3_600_000_000, using: &random)
            if random.chance(20) { wallError = Int64.random(in: -10 * Self.year...10 * Self.year, using: &random) }
            if random.chance(20) {
                let asked = reading()
                let delay = Int64.random(in: 0...200_000, using: &random)
                elapsed += delay
                // The server read its clock some time between question and answer.
                let said = Self.now + elapsed - Int64.random(in: 0...delay, using: &random)
                if let anchor = clock.hear(said, asked: asked, answered: reading()) {
                    // Kept in the journal, and taken up by the next process.
                    clock = DoorClock()
                    clock.resume(anchor)
                }
                heard = true
            }
            guard heard else { continue }
            let moment = clock.moment(reading())
            #expect(moment.isCertain)
            #expect(abs(moment.microseconds - (Self.now + elapsed)) <= 200_000, "seed \(seed)")
            #expect(abs(clock.wallAhead(reading()) - wallError) <= 200_000, "seed \(seed)")
        }
    }

    @Test func `what was uncertain is put right once the server is heard`() {
        var clock = DoorClock()
        func reading(_ boot: Int64, wall: Int64, id: UInt64 = 1) -> ClockReading {
            ClockReading(wallMicroseconds: wall, bootMicroseconds: boot, bootID: id)
        }
        let wrong = clock.moment(reading(10_000_000, wall: Self.now + 3 * Self.year))
        #expect(!wrong.isCertain && wrong.microseconds == Self.now + 3 * Self.year)
        #expect(clock.corrected(wrong) == wrong, "nothing better is known yet")
        let at = reading(70_000_000, wall: Self.now + 3 * Self.year + 60_000_000)
        #expect(clock.hear(Self.now + 60_000_000, asked: at, answered: at) != nil)
        #expect(clock.corrected(wrong).microseconds == Self.now)
        #expect(clock.corrected(wrong).isCertain)
    }

    @Test func `after a restart of the machine time goes on from what is known, never back`() throws {
        var clock = DoorClock()
        let first = ClockReading(wallMicroseconds: Self.now - Self.year, bootMicroseconds: 1_000_000, bootID: 1)
        let heard = clock.hear(Self.now, asked: first, answered: first)
        let anchor = try #require(heard)
        clock.know(atLeast: Self.now + 50_000_000)
        // The board has no battery: its clock begins where it was written down last.
        let second = ClockReading(wallMicroseconds: Self.now - Self.year + 10_000_000, bootMicroseconds: 2_000_000, bootID: 2)
        #expect(clock.moment(second).microseconds == Self.now + 50_000_000)
        #expect(!clock.moment(second).isCertain)
        // An authentic code was issued an hour later: so much is certain.
        clock.know(atLeast: Self.now + 3_600_000_000)
        let shown = clock.moment(second)
        #expect(shown.microseconds == Self.now + 3_600_000_000)
        // What an earlier start never knew better was no later than this start.
        let third = ClockReading(wallMicroseconds: 0, bootMicroseconds: 30_000_000, bootID: 3)
        _ = clock.hear(Self.now + 2_000_000_000, asked: third, answered: third)
        #expect(clock.corrected(shown).microseconds == Self.now + 1_970_000_000)
        #expect(anchor.wallErrorMicroseconds == Self.year)
    }

    @Test func `a slow answer does not take the place of a quick one until drift has`() {
        var clock = DoorClock()
        func reading(_ boot: Int64) -> ClockReading { ClockReading(wallMicroseconds: boot, bootMicroseconds: boot, bootID: 1) }
        #expect(clock.hear(Self.now, asked: reading(0), answered: reading(2_000)) != nil)
        #expect(clock.hear(Self.now + 1_000_000, asked: reading(900_000), answered: reading(1_100_000)) == nil)
        let day: Int64 = 86_400_000_000
        #expect(clock.hear(Self.now + day, asked: reading(day), answered: reading(day + 200_000)) != nil)
        #expect(clock.hear(Self.now + 2 * day + 90_000_000, asked: reading(2 * day), answered: reading(2 * day + 900_000)) != nil)
    }

    @Test func `dates are read as the server writes them`() {
        #expect(microseconds(dateTime: "2026-11-21T07:12:01Z") == 1_795_245_121_000_000)
        #expect(microseconds(dateTime: "2026-11-21T07:12:01.5Z") == 1_795_245_121_500_000)
        #expect(microseconds(dateTime: timestamp(microseconds: 1_795_245_121_123_456)) == 1_795_245_121_123_456)
        #expect(microseconds(dateTime: "2026-11-21 07:12:01") == nil)
        #expect(microseconds(httpDate: "Sat, 21 Nov 2026 07:12:01 GMT") == 1_795_245_121_500_000)
        #expect(microseconds(httpDate: "yesterday") == nil)
    }
}
