import Postgres
import Runtime
import Synchronization

/// Redemptions at many tills: the next coupon's code each time, under a request id of its own, and the count of those that were good.
final class RedemptionRequests: Sendable {
    /// Coupons that were told to be redeemed.
    let redeemed = Atomic<Int>(0)

    private static let good = Array("\"outcome\":\"redeemed\"".utf8)
    private static let codeCount = 11

    /// By device.
    private let heads: [[UInt8]]
    private let body: [UInt8]
    private let codeAt: Int
    private let numberAt: Int
    private let codes: [[UInt8]]
    private let range: Range<Int>
    private let sent = Atomic<Int>(0)

    /// - Parameter range: the places among `codes` of those shown.
    init(deviceKeys: [String], codes: [String], _ range: Range<Int>, at time: Timestamp) throws {
        guard codes.allSatisfy({ $0.utf8.count == Self.codeCount }), range.upperBound <= codes.count else {
            throw BenchError(description: "codes of \(Self.codeCount) characters were expected, for \(range) of them")
        }
        self.codes = codes.map { Array($0.utf8) }
        self.range = range
        let code = "{\"code\":\""
        let id = code + "XXXXX-XXXXX\",\"spendFen\":12000,\"requestId\":\"01900000-0000-7000-8000-"
        body = Array((id + "000000000000\",\"occurredAt\":\"\(time)\"}").utf8)
        codeAt = code.utf8.count
        numberAt = id.utf8.count
        let length = body.count
        heads = deviceKeys.map { key in
            Array(
                ("POST /v1/redemptions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(key)\r\n"
                    + "Content-Type: application/json\r\nContent-Length: \(length)\r\n\r\n").utf8)
        }
    }

    /// Nil once all were sent.
    func next() -> [UInt8]? {
        let place = range.lowerBound + sent.add(1, ordering: .relaxed).oldValue
        guard place < range.upperBound else { return nil }
        var request = heads[place % heads.count] + body
        let start = request.count - body.count
        request.replaceSubrange(start + codeAt..<start + codeAt + Self.codeCount, with: codes[place])
        ClaimRequests.write(place, at: start + numberAt, in: &request)
        return request
    }

    /// Looks at an answer.
    func hear(_ status: Int, _ body: ArraySlice<UInt8>) {
        guard status == 200 else { return }
        var start = body.startIndex
        while start + Self.good.count <= body.endIndex {
            if body[start] == UInt8(ascii: "\""), body[start..<start + Self.good.count].elementsEqual(Self.good) {
                redeemed.add(1, ordering: .relaxed)
                return
            }
            start += 1
        }
    }
}
