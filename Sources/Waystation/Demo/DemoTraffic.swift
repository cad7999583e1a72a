import Runtime

/// Made-up workers who come and go by the hour of day: the same for the same seed.
///
/// Who comes when is drawn minute by minute: riders rest between the meals' rush hours, cleaners at dawn and noon, and a few people come
/// through the night. A visit lasts from minutes to two hours. Nobody is in two stations at once.
struct DemoTraffic: Sendable {
    /// A station's door.
    struct Door: Sendable {
        let accessPointID: Int64
        /// Visits on a day, about.
        let visitsPerDay: Int
        /// Who may come; nil is everybody.
        let womenOnly: Bool
    }

    /// Somebody at a door.
    struct Move: Sendable, Equatable {
        /// Microseconds since 1970.
        let at: Int64
        let memberID: Int64
        let accessPointID: Int64
        let isEntry: Bool
    }

    /// How many of a day's thousand visits begin in each hour, China time.
    static let perThousandByHour = [
        6, 4, 3, 3, 8, 28, 34, 30, 36, 52, 58, 48, 62, 84, 92, 86, 62, 40, 34, 48, 60, 56, 42, 24,
    ]

    private static let microsecondsPerMinute: Int64 = 60_000_000
    /// China has one time zone and no summer time.
    private static let chinaOffsetMinutes: Int64 = 8 * 60

    private let doors: [Door]
    private let members: [Int64]
    private let women: [Int64]
    private var generator: SeededGenerator
    /// The next minute since 1970 to be drawn.
    private var nextMinute: Int64
    /// Who is inside, and when each will leave.
    private var inside: [Int64: Int64] = [:]
    /// Moves that are drawn and not given out yet, by time.
    private var coming: [Move] = []

    /// - Parameters:
    ///   - members: those who come, by number.
    ///   - women: those of them who may enter a mothers' room.
    ///   - from: where the traffic starts, microseconds since 1970, with empty rooms.
    init(seed: UInt64, doors: [Door], members: [Int64], women: [Int64], from start: Int64) {
        self.doors = doors
        self.members = members
        self.women = women
        generator = SeededGenerator(seed: seed)
        nextMinute = start / Self.microsecondsPerMinute
    }

    /// What happens before `end`, in order of time; each move once.
    mutating func moves(before end: Int64) -> [Move] {
        while nextMinute * Self.microsecondsPerMinute < end {
            draw(minute: nextMinute)
            nextMinute += 1
        }
        coming.sort { ($0.at, $0.memberID) < ($1.at, $1.memberID) }
        let count = coming.firstIndex { $0.at >= end } ?? coming.count
        defer { coming.removeFirst(count) }
        return Array(coming.prefix(count))
    }

    private mutating func draw(minute: Int64) {
        let start = minute * Self.microsecondsPerMinute
        // Who left before this minute may come again.
        inside = inside.filter { $0.value >= start }
        let hour = Int((minute + Self.chinaOffsetMinutes) / 60 % 24)
        for door in doors {
            let expected = Double(door.visitsPerDay * Self.perThousandByHour[hour]) / 60_000
            for _ in 0..<arrivals(expected) {
                guard let member = (door.womenOnly ? women : members).randomElement(using: &generator), inside[member] == nil
                else { continue }
                let entry = start + Int64.random(in: 0..<Self.microsecondsPerMinute, using: &generator)
                // The product of two draws: most visits are short, some are long.
                let share = Double.random(in: 0..<1, using: &generator) * Double.random(in: 0..<1, using: &generator)
                let exit = entry + Int64((2 + share * 118) * Double(Self.microsecondsPerMinute))
                inside[member] = exit
                coming.append(Move(at: entry, memberID: member, accessPointID: door.accessPointID, isEntry: true))
                coming.append(Move(at: exit, memberID: member, accessPointID: door.accessPointID, isEntry: false))
            }
        }
    }

    /// How many come when `expected` do on the average: Poisson's distribution, by Knuth's product of draws.
    private mutating func arrivals(_ expected: Double) -> Int {
        var product = Double.random(in: 0..<1, using: &generator)
        var threshold = 1.0
        var term = 1.0
        // e^-expected by its series, for no more than a few are expected in a minute.
        for index in 1...24 {
            term *= -expected / Double(index)
            threshold += term
        }
        var count = 0
        while product > threshold {
            product *= Double.random(in: 0..<1, using: &generator)
            count += 1
        }
        return count
    }
}
