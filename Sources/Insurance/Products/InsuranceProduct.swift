package import HTTP
package import Postgres
package import Programs
package import Registry
package import Runtime

/// What a policy covers, and for whom it may be written (保险产品).
package struct InsuranceProduct: Sendable {
    package let id: ID<InsuranceProduct>
    package let insurerID: ID<Insurer>
    /// Whose insurer it is.
    package let organizationID: ID<Organization>
    /// Grows with every change; the ETag.
    package let version: Int32
    package let facts: InsuranceProductFacts
}

/// What an organizer says of a product.
package struct InsuranceProductFacts: Hashable, Sendable {
    /// One thing that is paid for.
    package struct Cover: Codable, Hashable, Sendable {
        package var name: String
        package var nameEn: String?
        package var fen: Int64

        package init(name: String, nameEn: String? = nil, fen: Int64) {
            self.name = name
            self.nameEn = nameEn
            self.fen = fen
        }
    }

    package enum Beneficiary: String, Codable, CaseIterable, Sendable {
        /// The heirs by law.
        case statutory
        /// Whom the member names when accepting.
        case named
    }

    /// What becomes of the cover of somebody who leaves, or moves away.
    package enum Going: String, Codable, CaseIterable, Sendable {
        case keeps
        case ends
    }

    package var name: String
    package var nameEn: String?
    /// Nobody holds two policies of a family over the same days: `accident`, `critical_illness`.
    package var family: String
    package var sumInsuredFen: Int64
    package var covers: [Cover]
    /// In full years on the first day that is covered, 0 to 120, both included.
    package var ages: ClosedRange<Int>
    /// Nil: both.
    package var sex: Sex?
    /// Occupations that the insurer takes; none named: all.
    package var workerKinds: [WorkerKind]
    /// Days that a member has to accept the policy, 1 to 366; nil: it covers without being accepted.
    package var acceptDays: Int?
    package var beneficiary: Beneficiary
    package var onLeaving: Going
    package var onTransfer: Going
    package var claimAdvice: String
    package var claimAdviceEn: String?

    package init(
        name: String, nameEn: String? = nil, family: String, sumInsuredFen: Int64, covers: [Cover] = [], ages: ClosedRange<Int> = 16...65,
        sex: Sex? = nil, workerKinds: [WorkerKind] = [], acceptDays: Int? = nil, beneficiary: Beneficiary = .statutory,
        onLeaving: Going = .keeps, onTransfer: Going = .keeps, claimAdvice: String, claimAdviceEn: String? = nil
    ) {
        self.name = name
        self.nameEn = nameEn
        self.family = family
        self.sumInsuredFen = sumInsuredFen
        self.covers = covers
        self.ages = ages
        self.sex = sex
        self.workerKinds = workerKinds
        self.acceptDays = acceptDays
        self.beneficiary = beneficiary
        self.onLeaving = onLeaving
        self.onTransfer = onTransfer
        self.claimAdvice = claimAdvice
        self.claimAdviceEn = claimAdviceEn
    }

    /// What the insurer asks of whoever is insured from this day on, as conditions of rules.
    package func conditions(from day: CalendarDate) -> [Condition] {
        var conditions: [Condition] = [.age(atLeast: ages.lowerBound, atMost: ages.upperBound, on: day)]
        if let sex { conditions.append(.sex([sex])) }
        if !workerKinds.isEmpty {
            conditions.append(.attribute(.workerKind, oneOf: workerKinds.map(\.rawValue), evidence: .selfDeclared))
        }
        return conditions
    }

    /// What is wrong with it as a whole; its parts were checked by the schema.
    package func faults(at pointer: String = "") -> [Violation] {
        var faults: [Violation] = []
        if beneficiary == .named, acceptDays == nil {
            faults.append(
                Violation(
                    "insurance.beneficiary_needs_acceptance", pointer: "\(pointer)/acceptDays", zh: "指定受益人须由会员确认接受",
                    en: "A beneficiary is named when the policy is accepted: say within how many days"))
        }
        if Set(workerKinds).count != workerKinds.count {
            faults.append(
                Violation("insurance.worker_kind_twice", pointer: "\(pointer)/workerKinds", zh: "工种重复", en: "A worker kind is named twice"))
        }
        return faults
    }
}
