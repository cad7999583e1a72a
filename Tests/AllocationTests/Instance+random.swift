import Allocation
import Runtime
import TestSupport

extension Instance {
    /// Up to six people and three sessions, with everything that the column allows: tight and wide quotas, floors that overlap and
    /// floors that cannot be filled, organizations' caps where asked for, areas and floors of single sessions in mode `local`.
    static func random(_ column: Column, caps: Bool = false, people most: Int = 6, _ numbers: inout SeededGenerator) -> Instance {
        let sessionCount = Int.random(in: 1...3, using: &numbers)
        let seats = (0..<sessionCount).map { _ in numbers.chance(20) ? 3 : Int.random(in: 1...2, using: &numbers) }
        let people = (0..<Int.random(in: 1...most, using: &numbers)).map { _ in
            Person(
                wishes: Array((0..<sessionCount).shuffled(using: &numbers).prefix(Int.random(in: 1...sessionCount, using: &numbers))),
                groups: (0..<3).reduce(UInt8(0)) { $0 | (numbers.chance(45) ? 1 << UInt8($1) : 0) },
                organization: UInt32.random(in: 1...2, using: &numbers),
                area: column == .local && numbers.chance(70) ? UInt32.random(in: 0...1, using: &numbers) : nil)
        }
        var instance = Instance(people, seats: seats)
        instance.floors = floors(column, &numbers)
        switch column {
        case .local:
            instance.mode = .local
            for session in instance.sessions.indices {
                if numbers.chance(60) { instance.sessions[session].area = UInt32.random(in: 0...1, using: &numbers) }
                if numbers.chance(70) {
                    instance.sessions[session].floorSizes = instance.floors.map { _ in Int.random(in: 0...2, using: &numbers) }
                }
            }
        case .plain, .fair, .strict, .mixed:
            if numbers.chance(40) { instance.quota = Int.random(in: 1...seats.reduce(1, +), using: &numbers) }
            if caps, numbers.chance(50) {
                if numbers.chance(80) { instance.organizationCap = Int.random(in: 1...2, using: &numbers) }
                if numbers.chance(30) { instance.organizationCaps[1] = Int.random(in: 0...2, using: &numbers) }
            }
        }
        return instance
    }

    /// One session, which everybody wishes for.
    static func randomPool(_ column: Column, _ numbers: inout SeededGenerator) -> Instance {
        let people = (0..<Int.random(in: 1...7, using: &numbers)).map { _ in
            Person(wishes: [0], groups: (0..<3).reduce(UInt8(0)) { $0 | (numbers.chance(45) ? 1 << UInt8($1) : 0) })
        }
        var instance = Instance(people, seats: [Int.random(in: 1...5, using: &numbers)])
        instance.floors = floors(column, &numbers)
        if numbers.chance(20) { instance.quota = Int.random(in: 1...6, using: &numbers) }
        return instance
    }

    private static func floors(_ column: Column, _ numbers: inout SeededGenerator) -> [Floor] {
        if column == .plain { return [] }
        let groups = (0..<3).shuffled(using: &numbers).prefix(Int.random(in: 1...3, using: &numbers))
        return groups.map { group in
            let kind: Floor.Kind =
                switch column {
                case .strict: .strict
                case .mixed: numbers.chance(50) ? .strict : .fair
                case .plain, .fair, .local: .fair
                }
            return Floor(group: group, size: numbers.chance(15) ? 0 : Int.random(in: 1...2, using: &numbers), kind: kind)
        }
    }
}
