import Postgres
import Registry
import Runtime

/// A file in which the insurer said what became of policies (承保结果), and what it changed.
struct InsuranceResult: Sendable {
    /// Within its batch, from 1.
    let number: Int32
    let contentHash: [UInt8]
    let lines: Int32
    let issued: Int32
    let rejected: Int32
    /// Lines that said what was known.
    let unchanged: Int32
    let faulty: Int32
    let takenBy: String
    let takenAt: Timestamp
}

/// A line of a file of results that changed nothing.
struct ResultFault: Sendable {
    enum Code: String, CaseIterable, Sendable {
        /// The reference is well formed, and the batch has no such policy.
        case policyUnknown = "insurance.line_policy_unknown"
        /// The policy is in a state that no result follows: it was never sent, or it is over.
        case state = "insurance.line_state"
        /// The number is another policy's.
        case numberUsed = "insurance.line_number_used"
        case outsideCover = "insurance.line_outside_cover"
        /// The person is covered otherwise on some of these days.
        case covered = "insurance.line_covered"

        var reason: (zh: String, en: String) {
            switch self {
            case .policyUnknown: ("本批次没有这份保单", "the batch has no such policy")
            case .state: ("保单的当前状态不能接收承保结果", "in the policy's present state no result is awaited")
            case .numberUsed: ("保单号已用于另一份保单", "the number is another policy's")
            case .outsideCover: ("保险期间不在批次的期间之内", "the days do not lie within the batch's")
            case .covered: ("该会员在此期间已有同类保险", "the person is covered otherwise on some of these days")
            }
        }
    }

    let line: Int32
    let code: String
    let field: String?
    /// What stood there, where it identifies nobody.
    let shown: String?
}

extension ResultFault {
    /// Nil where the line did what it said, or said what was known.
    init?(_ verdict: PolicyMoved, _ move: PolicyMove, line: Int32, batch: ID<InsuranceBatch>) {
        let reference = PolicyReference(batchID: batch, policyID: move.policyID).description
        let code: Code
        var field = InsurerFileForm.ResultField.coverFrom
        var shown: String?
        switch verdict.verdict {
        case .moved, .unchanged: return nil
        case .noPolicy: (code, field, shown) = (.policyUnknown, .reference, reference)
        case .notAllowed, .repeated: (code, field, shown) = (.state, .status, verdict.before?.rawValue)
        case .numberUsed: (code, field, shown) = (.numberUsed, .number, move.number)
        case .outsideCover:
            code = .outsideCover
            let last = move.coverUntil.map { CalendarDate(daysSince1970: $0.daysSince1970 - 1) }
            shown = [move.coverFrom, last].compactMap { $0?.description }.joined(separator: " ")
        case .covered: code = .covered
        }
        self.init(line: line, code: code.rawValue, field: field.rawValue, shown: shown)
    }
}
