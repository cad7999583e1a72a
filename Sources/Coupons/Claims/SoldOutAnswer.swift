import FoundationEssentials
import HTTP
import Registry
import Runtime

/// What late claims are told, written out but for the request id and the round: a crowd hears it, and for each it is but a copy.
struct SoldOutAnswer: Sendable {
    /// Up to the request id; of each language.
    private let heads: [[UInt8]]
    /// From the request id up to the number of the round, which ends it.
    private let middle: [UInt8]

    init() {
        let end = Array("0}".utf8)
        middle = Array("\",\"result\":\"\(ClaimResult.soldOut.rawValue)\",\"roundId\":".utf8)
        var heads: [[UInt8]] = []
        for language in Language.allCases {
            let request = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
            let outcome = CouponClaim.Outcome.refused([ClaimReason.soldOut.violation])
            guard let answer = ClaimAnswer(outcome, round: ID(0), request: request, language) else {
                preconditionFailure("a refusal is an answer")
            }
            let bytes = JSON.bytes(of: answer)
            precondition(bytes.suffix(middle.count + end.count).elementsEqual(middle + end), "the round stands at an answer's end")
            heads.append(Array(bytes.dropLast(middle.count + end.count + request.requestIDText.utf8.count)))
        }
        self.heads = heads
    }

    /// The same bytes as those of a `ClaimAnswer`.
    func response(to request: UUID, of round: ID<CouponRound>, _ language: Language) -> Response {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes.append(contentsOf: heads[language == Language.allCases[0] ? 0 : 1])
        request.appendRequestID(to: &bytes)
        bytes.append(contentsOf: middle)
        bytes.append(contentsOf: String(round.rawValue).utf8)
        bytes.append(UInt8(ascii: "}"))
        return .bytes(bytes, contentType: "application/json")
    }
}
