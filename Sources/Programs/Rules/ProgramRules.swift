package import Allocation
package import HTTP
import Registry

/// What a program freezes when it is announced: who may apply, who goes first, what is promised. Kept as JSON, whose hash is published.
package struct ProgramRules: Codable, Hashable, Sendable {
    /// A named part of the members: a class or a group.
    package struct Part: Codable, Hashable, Sendable {
        package var name: String
        package var conditions: [Condition]

        package init(name: String, conditions: [Condition]) {
            self.name = name
            self.conditions = conditions
        }
    }

    /// Points for those of whom the conditions hold; points add up.
    package struct Score: Codable, Hashable, Sendable {
        package var points: Int
        package var conditions: [Condition]

        package init(points: Int, conditions: [Condition]) {
            self.points = points
            self.conditions = conditions
        }
    }

    /// A floor of a group.
    package struct Promise: Codable, Hashable, Sendable {
        package var group: String
        package var size: Int
        package var kind: String

        package init(group: String, size: Int, kind: Floor.Kind = .strict) {
            self.group = group
            self.size = size
            self.kind = kind.rawValue
        }
    }

    /// All must hold for whoever applies.
    package var eligibility: [Condition]
    /// The first whose conditions all hold is the applicant's; of whom none holds belongs to a last one without a name.
    package var classes: [Part]
    package var points: [Score]
    /// At most eight.
    package var groups: [Part]
    package var floors: [Promise]
    package var isFloorOrderGiven: Bool
    package var mode: String
    package var organizationCap: Int?

    package init(
        eligibility: [Condition] = [], classes: [Part] = [], points: [Score] = [], groups: [Part] = [], floors: [Promise] = [],
        isFloorOrderGiven: Bool = false, mode: Program.Mode = .order, organizationCap: Int? = nil
    ) {
        self.eligibility = eligibility
        self.classes = classes
        self.points = points
        self.groups = groups
        self.floors = floors
        self.isFloorOrderGiven = isFloorOrderGiven
        self.mode = mode.rawValue
        self.organizationCap = organizationCap
    }

    /// What the engine takes of a candidate.
    package struct Rank: Hashable, Sendable {
        /// Positions in `eligibility` that do not hold; empty for whoever may apply.
        package let failing: [Int]
        /// 1 for the first.
        package let priority: UInt16
        package let points: UInt32
        /// Bit 0 for the first group.
        package let groups: UInt8
    }

    package func rank(_ candidate: Candidate) -> Rank {
        let place = classes.firstIndex { $0.conditions.allSatisfy { $0.holds(of: candidate) } } ?? classes.count
        let sum = points.reduce(0) { sum, score in
            sum + (score.conditions.allSatisfy { $0.holds(of: candidate) } ? score.points : 0)
        }
        return Rank(
            failing: eligibility.indices.filter { !eligibility[$0].holds(of: candidate) }, priority: UInt16(clamping: place + 1),
            points: UInt32(clamping: sum),
            groups: groups.indices.reduce(0) { mask, bit in
                mask | (groups[bit].conditions.allSatisfy { $0.holds(of: candidate) } ? 1 << UInt8(bit) : 0)
            })
    }
}

extension ProgramRules: APIType {
    package static let schema = Schema.json
}
