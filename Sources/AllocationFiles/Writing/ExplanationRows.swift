import Allocation
import Runtime

/// The explanations: one row an applicant by rising ticket, with a code and two numbers for each session liked better than the result.
///
/// `SESSION:CODE:NUMBER:NUMBER`, joined by `|`, the dearest first:
/// - `full:C:P`: the last seat there went to call C, the applicant's was call P;
/// - `organization:C:P`: the applicant's organization had its last winner at call C, the applicant's was call P;
/// - `quota:Q:P`: all Q places were gone before the applicant, who has place P in the common order, was called;
/// - `others:L:P`, `local:L:P`: in mode `local`, the last one there of the same floors has place L, and (`local`) is of the session's area;
///   the applicant has place P;
/// - `reserved:0:P`: in mode `local`, nobody of the same floors is there: others go before, or fill reserved seats.
struct ExplanationRows {
    private let tickets: [UInt64]
    private let excluded: [UInt8]
    private let quota: Int
    private let explainer: Explainer
    private let names: [[UInt8]]
    private let exclusions: [[UInt8]]
    private let results: ResultRows

    static let header = "ticket,result,session,waiting,reasons"

    init(_ input: FrozenInput, _ allocation: Allocation, results: ResultRows) {
        tickets = allocation.applicants.tickets
        excluded = allocation.applicants.exclusions
        quota = allocation.outcome.quota
        self.results = results
        explainer = Explainer(allocation)
        names = input.sessions.map { Array($0.name.utf8) }
        exclusions = input.exclusions.map { Array($0.utf8) }
    }

    func write(_ row: Int, into writer: inout RowWriter) throws(SystemError) {
        writer.ticket(tickets[row])
        guard let place = results.place(row) else {
            writer.text(Self.excludedText)
            writer.text(exclusions[Int(excluded[row]) - 1])
            return try writer.endRow()
        }
        let explanation = explainer.explain(place)
        switch explanation.result {
        case .placed(let session, _):
            writer.text(Self.placedText)
            writer.text(names[session])
            writer.comma()
            writer.comma()
        case .waiting(let place):
            writer.text(Self.waitingText)
            writer.decimal(place)
            writer.comma()
        }
        var isFirst = true
        for wish in explanation.refused {
            if !isFirst { writer.byte("|") }
            isFirst = false
            writer.text(names[wish.session])
            let (code, first, second) = Self.reason(wish.refusal, explanation, quota: quota)
            writer.text(code)
            writer.decimal(first)
            writer.byte(":")
            writer.decimal(second)
        }
        try writer.endRow()
    }

    private static let full = Array(":full:".utf8)
    private static let organization = Array(":organization:".utf8)
    private static let wholeQuota = Array(":quota:".utf8)
    private static let others = Array(":others:".utf8)
    private static let local = Array(":local:".utf8)
    private static let reserved = Array(":reserved:".utf8)
    private static let excludedText = Array(",excluded,,,".utf8)
    private static let placedText = Array(",placed,".utf8)
    private static let waitingText = Array(",waiting,,".utf8)

    private static func reason(_ refusal: Explanation.Refusal, _ explanation: Explanation, quota: Int) -> ([UInt8], Int, Int) {
        switch refusal {
        case .full(let closing): (full, Int(closing), Int(explanation.position))
        case .organizationFull(let closing): (organization, Int(closing), Int(explanation.position))
        case .quotaReached: (wholeQuota, quota, explanation.place)
        case .others(let last?, let isLocal): (isLocal ? local : others, last, explanation.place)
        case .others(nil, _): (reserved, 0, explanation.place)
        }
    }
}
