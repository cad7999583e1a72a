package import HTTP
package import Postgres
package import Programs
package import Registry
package import Runtime

/// So many policies of one product that a donor pays for, given away by one set of rules; or joined by a contribution (批次).
package struct InsuranceBatch: Sendable {
    package let id: ID<InsuranceBatch>
    package let organizationID: ID<Organization>
    package let productID: ID<InsuranceProduct>
    package let state: State
    /// Grows with every change of what it says; the ETag.
    package let version: Int32
    package let facts: InsuranceBatchFacts
    package let places: Places
    package let rulesHash: [UInt8]?
    package let commitment: [UInt8]?
    package let inputsHash: [UInt8]?
    package let figures: RunFigures?
    package let runBy: String?
    package let runAt: Timestamp?
    package let reviewedBy: String?
    package let reviewedAt: Timestamp?
    package let cancelReason: String?
    package let createdBy: String
    /// The one whose time it follows.
    package let renewsBatchID: ID<InsuranceBatch>?

    package enum State: String, Codable, CaseIterable, Sendable {
        case draft
        /// Rules are frozen, their hash and the commitment to the lottery are public.
        case announced
        /// Policies are reserved; a second organizer has to look.
        case run
        /// Reviewed: rosters go out, members are told, what comes free goes to who waits. Mutual aid is joined in this state.
        case confirmed
        /// Nothing is given any more; policies go on.
        case closed
        case cancelled
    }

    /// Where its policies are: together always the batch.
    package struct Places: Codable, Hashable, Sendable {
        package let free: Int32
        package let reserved: Int32
        package let sent: Int32
        package let rejected: Int32
        package let issued: Int32
        package let accepted: Int32
        package let active: Int32
        package let claimed: Int32
        package let expired: Int32
        package let cancelled: Int32

        package init(_ count: (String) throws(PostgresError) -> Int32) throws(PostgresError) {
            free = try count("free")
            reserved = try count("reserved")
            sent = try count("sent")
            rejected = try count("rejected")
            issued = try count("issued")
            accepted = try count("accepted")
            active = try count("active")
            claimed = try count("claimed")
            expired = try count("expired")
            cancelled = try count("cancelled")
        }

        package var sum: Int32 { free + reserved + sent + rejected + issued + accepted + active + claimed + expired + cancelled }
    }

    /// What the lottery is drawn for.
    package static func lotteryName(_ id: ID<InsuranceBatch>) -> String { "insurance_batch:\(id)" }
}

/// What an organizer says of a batch.
package struct InsuranceBatchFacts: Hashable, Sendable {
    package enum Kind: String, Codable, CaseIterable, Sendable {
        /// Given to members of the register, by rules.
        case gift
        /// Joined by whoever pays the contribution, as long as places last (职工互助).
        case mutualAid = "mutual_aid"
    }

    package var kind: Kind
    package var title: String
    package var donor: String
    package var size: Int32
    package var premiumFen: Int32
    /// What a member pays to join mutual aid; 0 for gifts.
    package var contributionFen: Int32
    package var coverFrom: CalendarDate
    /// The first day that is no longer covered.
    package var coverUntil: CalendarDate
    /// Until when mutual aid may be joined.
    package var joinUntil: Timestamp?
    package var rules: ProgramRules
    /// So many days before the cover ends a draft for the time after it is made; nil: none is.
    package var renewDays: Int16?

    package static let sizeMax: Int32 = 10_000_000
    package static let dayCountMax = 3_700
    /// The batch's organization and what the insurer asks come before the rules' own.
    package static let eligibilityCountMax = ProgramRules.eligibilityCountMax - 4

    package init(
        kind: Kind = .gift, title: String, donor: String, size: Int32, premiumFen: Int32, contributionFen: Int32 = 0,
        coverFrom: CalendarDate, coverUntil: CalendarDate, joinUntil: Timestamp? = nil, rules: ProgramRules = ProgramRules(),
        renewDays: Int16? = nil
    ) {
        self.kind = kind
        self.title = title
        self.donor = donor
        self.size = size
        self.premiumFen = premiumFen
        self.contributionFen = contributionFen
        self.coverFrom = coverFrom
        self.coverUntil = coverUntil
        self.joinUntil = joinUntil
        self.rules = rules
        self.renewDays = renewDays
    }

    /// What is wrong with it as a whole; its parts were checked by the schema.
    package func faults(at pointer: String = "") -> [Violation] {
        var faults = rules.faults(quota: Int(size), at: "\(pointer)/rules")
        if rules.eligibility.count > Self.eligibilityCountMax {
            faults.append(
                Violation(
                    "insurance.conditions_too_many", pointer: "\(pointer)/rules/eligibility",
                    zh: "条件不能超过 \(Self.eligibilityCountMax) 个，承保单位的条件另计",
                    en: "There are at most \(Self.eligibilityCountMax) conditions, besides the insurer's own"))
        }
        if !(1...Self.dayCountMax).contains(coverUntil.daysSince1970 - coverFrom.daysSince1970) {
            faults.append(
                Violation(
                    "insurance.days_invalid", pointer: "\(pointer)/coverTo", zh: "保险期间为 1 至 \(Self.dayCountMax) 天",
                    en: "A cover lasts 1 to \(Self.dayCountMax) days"))
        }
        if (kind == .mutualAid) != (contributionFen > 0) {
            faults.append(
                Violation(
                    "insurance.contribution_invalid", pointer: "\(pointer)/contributionFen", zh: "互助须有缴费金额，赠送保险没有",
                    en: "Mutual aid has a contribution, a gift has none"))
        }
        if (kind == .mutualAid) != (joinUntil != nil) {
            faults.append(
                Violation(
                    "insurance.join_until_invalid", pointer: "\(pointer)/joinUntil", zh: "互助须有参加截止时间，赠送保险没有",
                    en: "Mutual aid is joined until a time, a gift is not"))
        }
        if !rules.points.isEmpty || rules.organizationCap != nil || rules.mode != ProgramRules().mode || rules.admitsProvisional {
            faults.append(
                Violation(
                    "insurance.rules_unsupported", pointer: "\(pointer)/rules",
                    zh: "保险批次的规则只能有条件、优先级、群体与保底，且只面向正式会员",
                    en: "Rules of a batch have conditions, classes, groups and floors, and are for members whose membership is active"))
        }
        return faults
    }
}
