import Postgres
import Registry
import Runtime

/// What one line of a file of results says.
enum ResultLine: Sendable {
    case move(PolicyMove)
    /// About a policy of this other batch.
    case foreign(ID<InsuranceBatch>)
    case faulty([Fault])

    struct Fault: Sendable {
        let field: InsurerFileForm.ResultField
        let code: String
        let zh: String
        let en: String

        init(_ field: InsurerFileForm.ResultField, _ code: String, zh: String, en: String) {
            self.field = field
            self.code = code
            self.zh = zh
            self.en = en
        }
    }

    /// How lines of one file are read.
    struct Rule: Sendable {
        let frame: ResultFileReader.Frame
        private let issuedWords: Set<String>
        private let rejectedWords: Set<String>

        init(_ frame: ResultFileReader.Frame) {
            self.frame = frame
            issuedWords = Set(frame.form.issuedWords.map { $0.lowercased() })
            rejectedWords = Set(frame.form.rejectedWords.map { $0.lowercased() })
        }

        /// - Parameter cell: what stands in the field's column; nil where nothing does.
        func read(_ cell: (InsurerFileForm.ResultField) -> String?) -> ResultLine {
            guard let reference = cell(.reference).flatMap({ PolicyReference($0) }) else {
                return .faulty([Fault(.reference, "insurance.reference_malformed", zh: "不是有效的流水号", en: "no reference of a policy")])
            }
            guard reference.batchID == frame.batchID else { return .foreign(reference.batchID) }
            let word = cell(.status)?.lowercased() ?? ""
            if rejectedWords.contains(word) {
                return .move(PolicyMove(reference.policyID, to: .rejected, reason: FileReason.text(cell(.reason))))
            }
            guard issuedWords.contains(word) else {
                return .faulty([
                    Fault(.status, "insurance.status_unknown", zh: "不认识的承保结果", en: "a word that stands for no result")
                ])
            }
            return issued(reference.policyID, cell)
        }

        private func issued(_ policy: ID<Policy>, _ cell: (InsurerFileForm.ResultField) -> String?) -> ResultLine {
            var faults: [Fault] = []
            func day(_ field: InsurerFileForm.ResultField) -> CalendarDate? {
                guard let text = cell(field) else { return nil }
                let day = FileDay.date(text)
                if day == nil { faults.append(Fault(field, "insurance.day_malformed", zh: "日期无法读取", en: "no day")) }
                return day
            }
            let number = cell(.number)
            if number == nil {
                faults.append(Fault(.number, "insurance.number_missing", zh: "缺少保单号", en: "the policy's number is missing"))
            } else if let number, !FileNumber.isWellFormed(number) {
                faults.append(Fault(.number, "insurance.number_malformed", zh: "保单号有误", en: "no number of a policy"))
            }
            let (from, to) = (day(.coverFrom), day(.coverTo))
            guard faults.isEmpty else { return .faulty(faults) }
            var move = PolicyMove(policy, to: .issued, number: number)
            if from != nil || to != nil {
                move.coverFrom = from ?? frame.coverFrom
                move.coverUntil = to.map { CalendarDate(daysSince1970: $0.daysSince1970 + 1) } ?? frame.coverUntil
            }
            return .move(move)
        }
    }
}
