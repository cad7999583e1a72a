import Postgres
package import Registry
package import Runtime

/// A company, or a mutual-aid society of the union, that writes policies (承保单位).
package struct Insurer: Sendable {
    package let id: ID<Insurer>
    package let organizationID: ID<Organization>
    /// Grows with every change; the ETag.
    package let version: Int32
    package let facts: InsurerFacts
}

/// What an organizer says of an insurer.
package struct InsurerFacts: Hashable, Sendable {
    package var name: String
    /// Where members ask and claim.
    package var hotline: String
    package var form: InsurerFileForm

    package init(name: String, hotline: String, form: InsurerFileForm = InsurerFileForm()) {
        self.name = name
        self.hotline = hotline
        self.form = form
    }
}

/// How an insurer's files are written: rosters that go out, files of results that come back. Both are CSV with one line of titles.
package struct InsurerFileForm: Codable, Hashable, Sendable {
    package enum Encoding: String, Codable, CaseIterable, Sendable {
        case utf8 = "utf-8"
        case gb18030
    }

    /// What a roster can say of a policy; an insurer gets only what its form names.
    package enum RosterField: String, Codable, CaseIterable, Sendable {
        /// Ours, by which the result file names the policy. Always needed.
        case reference
        case name, nationalId, birthOn, sex, phone, workerKind
        case product, sumInsuredFen, premiumFen, coverFrom
        /// The last day that is covered.
        case coverTo
        /// The number that the insurer gave beforehand.
        case number
        case beneficiary

        /// Whether it tells who somebody is: writing it out is audited.
        package var isPersonal: Bool {
            switch self {
            case .name, .nationalId, .birthOn, .sex, .phone, .beneficiary: true
            default: false
            }
        }
    }

    /// What a file of results says.
    package enum ResultField: String, Codable, CaseIterable, Sendable {
        case reference
        /// Whether it was written: one of `issuedWords` or of `rejectedWords`.
        case status
        case number, coverFrom, coverTo, reason
    }

    package struct RosterColumn: Codable, Hashable, Sendable {
        package var field: RosterField
        package var title: String

        package init(_ field: RosterField, _ title: String) {
            self.field = field
            self.title = title
        }
    }

    package struct ResultColumn: Codable, Hashable, Sendable {
        package var field: ResultField
        package var title: String

        package init(_ field: ResultField, _ title: String) {
            self.field = field
            self.title = title
        }
    }

    package var encoding: Encoding
    package var roster: [RosterColumn]
    package var result: [ResultColumn]
    package var issuedWords: [String]
    package var rejectedWords: [String]

    package init(
        encoding: Encoding = .utf8,
        roster: [RosterColumn] = [
            .init(.reference, "流水号"), .init(.name, "姓名"), .init(.nationalId, "身份证号"), .init(.workerKind, "工种"),
            .init(.coverFrom, "保险起期"), .init(.coverTo, "保险止期"),
        ],
        result: [ResultColumn] = [
            .init(.reference, "流水号"), .init(.status, "承保结果"), .init(.number, "保单号"), .init(.coverFrom, "保险起期"),
            .init(.coverTo, "保险止期"), .init(.reason, "原因"),
        ],
        issuedWords: [String] = ["成功", "承保", "issued"], rejectedWords: [String] = ["失败", "拒保", "rejected"]
    ) {
        self.encoding = encoding
        self.roster = roster
        self.result = result
        self.issuedWords = issuedWords
        self.rejectedWords = rejectedWords
    }
}
