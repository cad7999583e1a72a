package import Allocation

/// A sharing out in figures: what its organizer looks at first.
package struct Summary: Hashable, Sendable {
    package struct ClassFigures: Hashable, Sendable {
        package let number: Int
        /// Empty: none is given.
        package let name: String
        package let applicants: Int
        package let placed: Int
    }

    package struct FloorFigures: Hashable, Sendable {
        package let group: String
        package let kind: Floor.Kind
        package let size: Int
        package let members: Int
        /// Members with a place, whatever floor they count for: one-to-all.
        package let placedMembers: Int
        /// Places of the floor that are filled when everybody counts for one floor: one-to-one.
        package let filled: Int

        package var isShort: Bool { filled < size }
    }

    package let applicants: Int
    package let excluded: Int
    package let placed: Int
    package let waiting: Int
    /// Places that could be taken.
    package let quota: Int
    package let sessions: Int
    package let filledSessions: Int
    package let classes: [ClassFigures]
    /// In the order of the rules.
    package let floors: [FloorFigures]
    /// How many have their first wish, their second, and so on.
    package let wishes: [Int]

    package init(_ allocation: Allocation, classes names: [String] = []) {
        let (applicants, lineup, outcome) = (allocation.applicants, allocation.lineup, allocation.outcome)
        let (rows, sessionOf, classOf, groups) = (lineup.rows, outcome.sessions, applicants.classes, applicants.groups)
        let (wished, stride) = (applicants.wishes, applicants.wishStride)
        let groupCount = allocation.program.groups.count
        var (counts, wishes) = ([Int: (all: Int, placed: Int)](), [Int](repeating: 0, count: stride))
        var (members, placedMembers) = ([Int](repeating: 0, count: groupCount), [Int](repeating: 0, count: groupCount))
        var known = (number: -1, all: 0, placed: 0)
        for place in rows.indices {
            let row = Int(rows[place])
            let isPlaced = sessionOf[place] != Applicants.noSession
            // Classes lie together in the common order.
            if Int(classOf[row]) != known.number {
                if known.number >= 0 { counts[known.number] = (known.all, known.placed) }
                known = (Int(classOf[row]), 0, 0)
            }
            known.all += 1
            if isPlaced { known.placed += 1 }
            for group in 0..<groupCount where groups[row] >> UInt8(group) & 1 != 0 {
                members[group] += 1
                if isPlaced { placedMembers[group] += 1 }
            }
            guard isPlaced else { continue }
            var wish = 0
            while wished[row * stride + wish] != sessionOf[place] { wish += 1 }
            wishes[wish] += 1
        }
        if known.number >= 0 { counts[known.number] = (known.all, known.placed) }
        self.applicants = applicants.count
        excluded = applicants.count - lineup.count
        placed = outcome.placed
        waiting = lineup.count - outcome.placed
        quota = outcome.quota
        sessions = allocation.sessions.count
        filledSessions = zip(allocation.sessions, outcome.taken).count { $0.capacity == Int($1) }
        self.wishes = wishes
        classes = counts.sorted { $0.key < $1.key }.map {
            ClassFigures(number: $0, name: names.indices.contains($0 - 1) ? names[$0 - 1] : "", applicants: $1.all, placed: $1.placed)
        }
        let seated = Dictionary(uniqueKeysWithValues: zip(allocation.floors.listed, ShortfallCertificate.seated(allocation)))
        floors = allocation.program.floors.enumerated().map { index, floor in
            FloorFigures(
                group: allocation.program.groups[floor.group], kind: floor.kind, size: floor.size, members: members[floor.group],
                placedMembers: placedMembers[floor.group], filled: seated[index] ?? 0)
        }
    }
}
