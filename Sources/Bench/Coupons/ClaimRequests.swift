import Coupons
import Runtime
import Synchronization

/// Claims on one round: the next member each time, under a request id of its own, and the count of those that won.
final class ClaimRequests: Sendable {
    /// Claims that were told to have won.
    let won = Atomic<Int>(0)

    private static let tokenCount = 47
    private static let digits = Array("0123456789abcdef".utf8)
    private static let wins = Array("\"result\":\"won\"".utf8)

    private let template: [UInt8]
    private let tokenAt: Int
    private let numberAt: Int
    private let tokens: [[UInt8]]
    private let first: Int
    private let count: Int
    private let sent = Atomic<Int>(0)

    /// - Parameters:
    ///   - first: the place among `tokens` of who claims first.
    ///   - count: how many claims; beyond it there are no more.
    init(round: ID<CouponRound>, tokens: [String], first: Int, count: Int = .max) throws {
        self.tokens = tokens.map { Array($0.utf8) }
        self.first = first
        self.count = count
        guard self.tokens.allSatisfy({ $0.count == Self.tokenCount }) else {
            throw BenchError(description: "a token has \(Self.tokenCount) characters")
        }
        let body = "{\"requestId\":\"01900000-0000-7000-8000-000000000000\"}"
        let head = "POST /v1/coupon-rounds/\(round)/claims HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        let rest = "\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
        let token = String(repeating: "x", count: Self.tokenCount)
        template = Array((head + token + rest).utf8)
        tokenAt = head.utf8.count
        numberAt = template.count - 14
    }

    /// Nil once all were sent.
    func next() -> [UInt8]? {
        let number = sent.add(1, ordering: .relaxed).oldValue
        guard number < count else { return nil }
        var request = template
        request.replaceSubrange(tokenAt..<tokenAt + Self.tokenCount, with: tokens[(first + number) % tokens.count])
        Self.write(number, at: numberAt, in: &request)
        return request
    }

    /// Writes a number as the last twelve digits of a request id, which are zeros.
    static func write(_ number: Int, at start: Int, in request: inout [UInt8]) {
        var number = number
        for place in stride(from: start + 11, through: start, by: -1) where number > 0 {
            request[place] = digits[number & 15]
            number >>= 4
        }
    }

    /// Looks at an answer.
    func hear(_ status: Int, _ body: ArraySlice<UInt8>) {
        if status == 200, body.count > 100, Self.isWon(body) { won.add(1, ordering: .relaxed) }
    }

    private static func isWon(_ body: ArraySlice<UInt8>) -> Bool {
        guard var start = body.firstIndex(of: UInt8(ascii: "r")) else { return false }
        while start + wins.count <= body.endIndex {
            if body[start] == UInt8(ascii: "\""), body[start..<start + wins.count].elementsEqual(wins) { return true }
            start += 1
        }
        return false
    }
}
