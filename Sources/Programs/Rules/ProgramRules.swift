package import Allocation
package import Registry

/// What a program freezes when it is announced: who may apply, who goes first, what is promised. Kept as JSON, whose hash is published.
package struct ProgramRules: Hashable, Sendable {
    /// A named part of the members: a class or a group.
    package struct Part: Hashable, Encodable, Sendable {
        package var name: String
        /// All must hold; none means everybody.
        package var conditions: [Condition]

        package init(name: String, conditions: [Condition]) {
            self.name = name
            self.conditions = conditions
        }
    }

    /// Points for those of whom the conditions hold; points add up.
    package struct Score: Hashable, Encodable, Sendable {
        package var points: Int
        package var conditions: [Condition]

        package init(points: Int, conditions: [Condition]) {
            self.points = points
            self.conditions = conditions
        }
    }

    /// A floor of a group.
    package struct Promise: Hashable, Encodable, Sendable {
        package var group: String
        package var size: Int
        package var kind: String

        package init(group: String, size: Int, kind: Floor.Kind = .strict) {
            self.group = group
            self.size = size
            self.kind = kind.rawValue
        }
    }

    /// What a floor counts.
    package enum Guarantee: String, Codable, CaseIterable, Sendable {
        /// Members of the group who get a place anyhow count for its floor; the other meaning, places on top, is not offered.
        case minimum
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
    package var guarantee: Guarantee
    /// Whether members may apply whose membership waits for its approval.
    package var admitsProvisional: Bool

    package init(
        eligibility: [Condition] = [], classes: [Part] = [], points: [Score] = [], groups: [Part] = [], floors: [Promise] = [],
        isFloorOrderGiven: Bool = false, mode: Program.Mode = .order, organizationCap: Int? = nil, guarantee: Guarantee = .minimum,
        admitsProvisional: Bool = false
    ) {
        self.eligibility = eligibility
        self.classes = classes
        self.points = points
        self.groups = groups
        self.floors = floors
        self.isFloorOrderGiven = isFloorOrderGiven
        self.mode = mode.rawValue
        self.organizationCap = organizationCap
        self.guarantee = guarantee
        self.admitsProvisional = admitsProvisional
    }

    /// Conditions of one class, of one group, of one score.
    package static let conditionCountMax = 20
    /// Conditions of `eligibility`; a part for a subtree adds one to its parent's.
    package static let eligibilityCountMax = 32
    /// Conditions in all of the rules, those within others among them.
    package static let conditionSumMax = 500
    package static let classCountMax = 20
    package static let scoreCountMax = 20
    package static let nameLengthMax = 40

    /// Whose membership's state lets them apply.
    package var statuses: [MemberStatus] { admitsProvisional ? [.active, .provisional] : [.active] }
}

extension ProgramRules {
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
