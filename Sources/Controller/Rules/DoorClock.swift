/// What the machine's clocks said at one moment.
package struct ClockReading: Hashable, Sendable {
    /// The wall clock, microseconds since 1970: anybody may set it, and a board without a battery starts it anywhere.
    package var wallMicroseconds: Int64
    /// Microseconds since the machine started, sleep included: nobody can set it.
    package var bootMicroseconds: Int64
    /// Which start that was.
    package var bootID: UInt64

    package init(wallMicroseconds: Int64, bootMicroseconds: Int64, bootID: UInt64) {
        self.wallMicroseconds = wallMicroseconds
        self.bootMicroseconds = bootMicroseconds
        self.bootID = bootID
    }
}

/// A moment as the controller knows it, and enough beside it to know it better later.
package struct Moment: Hashable, Sendable {
    /// The best estimate of the true time when it happened, microseconds since 1970.
    package var microseconds: Int64
    /// Whether the server's time had been heard since this start of the machine.
    package var isCertain: Bool
    package var bootMicroseconds: Int64
    package var bootID: UInt64

    package init(microseconds: Int64, isCertain: Bool, bootMicroseconds: Int64, bootID: UInt64) {
        self.microseconds = microseconds
        self.isCertain = isCertain
        self.bootMicroseconds = bootMicroseconds
        self.bootID = bootID
    }
}

/// True time without trusting the wall clock: the server's time heard once, carried on by the time since the machine started.
///
/// The anchor is kept in the journal, so it outlives the process; a wall clock set years ahead or back changes nothing while the machine
/// runs. After a restart of the machine, until the server is heard again, the wall clock moved by its last known error is taken, never
/// earlier than any time known before; such moments are marked uncertain, and those of this start are put right once the server is heard.
package struct DoorClock: Hashable, Sendable {
    /// Server and machine at one moment.
    package struct Anchor: Hashable, Sendable {
        package var bootID: UInt64
        package var bootMicroseconds: Int64
        package var trueMicroseconds: Int64
        /// How far off it may be: half the time that the question took.
        package var uncertaintyMicroseconds: Int64
        /// True time less wall clock at that moment.
        package var wallErrorMicroseconds: Int64
    }

    package private(set) var anchor: Anchor?
    /// The latest time ever known: time does not go back behind it while it is uncertain.
    package private(set) var floorMicroseconds: Int64 = 0

    /// A wall clock further off than this is reported: 90 seconds.
    package static let wallErrorMaxMicroseconds: Int64 = 90_000_000

    /// A quartz drifts by less than this share of the time passed: 100 parts in a million.
    private static let driftPerMillion: Int64 = 100

    package init() {}

    /// The best estimate of the moment of `reading`.
    package func moment(_ reading: ClockReading) -> Moment {
        let estimate: Int64
        var isCertain = false
        if let anchor, anchor.bootID == reading.bootID {
            isCertain = true
            estimate = anchor.trueMicroseconds &+ (reading.bootMicroseconds &- anchor.bootMicroseconds)
        } else {
            estimate = max(reading.wallMicroseconds &+ (anchor?.wallErrorMicroseconds ?? 0), floorMicroseconds)
        }
        return Moment(
            microseconds: max(0, estimate), isCertain: isCertain, bootMicroseconds: reading.bootMicroseconds, bootID: reading.bootID)
    }

    /// The true time of a moment of before, which was uncertain then.
    ///
    /// Of this start of the machine it is exact. An earlier start that never heard the server ended before this one began: its moments are
    /// no later than that.
    package func corrected(_ moment: Moment) -> Moment {
        guard !moment.isCertain, let anchor else { return moment }
        var better = moment
        if anchor.bootID == moment.bootID {
            better.microseconds = anchor.trueMicroseconds &+ (moment.bootMicroseconds &- anchor.bootMicroseconds)
            better.isCertain = true
        } else {
            better.microseconds = min(moment.microseconds, anchor.trueMicroseconds &- anchor.bootMicroseconds)
        }
        better.microseconds = max(0, better.microseconds)
        return better
    }

    /// The server said its time between two readings. It is taken if it is the first of this start, or closer than what drift has made
    /// of the one before.
    /// - Parameter resolution: half a second for an HTTP date, microseconds.
    /// - Returns: the new anchor, to be kept; nil if the old one is as good.
    package mutating func hear(
        _ serverMicroseconds: Int64, resolution: Int64 = 0, asked: ClockReading, answered: ClockReading
    ) -> Anchor? {
        guard asked.bootID == answered.bootID, answered.bootMicroseconds >= asked.bootMicroseconds else { return nil }
        let delay = (answered.bootMicroseconds - asked.bootMicroseconds) / 2
        let uncertainty = delay + resolution
        if let anchor, anchor.bootID == answered.bootID {
            let age = answered.bootMicroseconds - anchor.bootMicroseconds
            let drifted = anchor.uncertaintyMicroseconds + age / 1_000_000 * Self.driftPerMillion
            // A difference that neither explains means that the server itself was put right: then it is followed.
            let difference = abs(moment(answered).microseconds - delay - serverMicroseconds)
            if uncertainty >= drifted && difference <= drifted + uncertainty { return nil }
        }
        let heard = Anchor(
            bootID: answered.bootID, bootMicroseconds: answered.bootMicroseconds, trueMicroseconds: serverMicroseconds + delay,
            uncertaintyMicroseconds: uncertainty, wallErrorMicroseconds: serverMicroseconds + delay &- answered.wallMicroseconds)
        resume(heard)
        return heard
    }

    /// Takes up an anchor that was kept.
    package mutating func resume(_ kept: Anchor) {
        anchor = kept
        floorMicroseconds = kept.trueMicroseconds
    }

    /// What an authentic code or an entry of the journal proves: it was no earlier than this.
    package mutating func know(atLeast microseconds: Int64) {
        floorMicroseconds = max(floorMicroseconds, microseconds)
    }

    /// How far the wall clock is ahead of the true time, microseconds; 0 while the true time is uncertain.
    package func wallAhead(_ reading: ClockReading) -> Int64 {
        let moment = moment(reading)
        return moment.isCertain ? reading.wallMicroseconds &- moment.microseconds : 0
    }
}
