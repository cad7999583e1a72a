import NightSchool
import Runtime
import Synchronization

/// Enrolments of a crowd: each member once, then each a second time on another evening, under request ids of their own.
final class EnrolmentRequests: Sendable {
    private static let tokenCount = 47
    private static let classDigits = 12

    private let template: [UInt8]
    private let tokenAt: Int
    private let numberAt: Int
    private let classAt: Int
    private let tokens: [[UInt8]]
    private let classes: [[UInt8]]
    private let first: Int
    private let count: Int
    private let sent = Atomic<Int>(0)

    /// - Parameters:
    ///   - first: the number of the first request id.
    ///   - count: how many enrolments; beyond it there are no more.
    init(classes: [ID<SchoolClass>], tokens: [String], first: Int, count: Int) throws {
        self.first = first
        self.tokens = tokens.map { Array($0.utf8) }
        self.count = count
        guard self.tokens.allSatisfy({ $0.count == Self.tokenCount }) else {
            throw BenchError(description: "a token has \(Self.tokenCount) characters")
        }
        // As wide as the room for it: blanks are fine before a number.
        self.classes = classes.map { id in
            let digits = Array("\(id)".utf8)
            return Array(repeating: UInt8(ascii: " "), count: Self.classDigits - digits.count) + digits
        }
        let start = "{\"requestId\":\"01900000-0000-7000-8000-000000000000\",\"wishes\":["
        let body = start + String(repeating: " ", count: Self.classDigits) + "]}"
        let head = "POST /v1/me/enrolments HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        let rest = "\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        template = Array((head + String(repeating: "x", count: Self.tokenCount) + rest + body).utf8)
        tokenAt = head.utf8.count
        let bodyAt = template.count - body.utf8.count
        classAt = bodyAt + start.utf8.count
        numberAt = classAt - "000000000000\",\"wishes\":[".utf8.count
    }

    /// Nil once all were sent.
    func next() -> [UInt8]? {
        let number = sent.add(1, ordering: .relaxed).oldValue
        guard number < count else { return nil }
        let member = number % tokens.count
        let turn = number / tokens.count
        var request = template
        request.replaceSubrange(tokenAt..<tokenAt + Self.tokenCount, with: tokens[member])
        request.replaceSubrange(classAt..<classAt + Self.classDigits, with: classes[(member + turn) % classes.count])
        ClaimRequests.write(first + number, at: numberAt, in: &request)
        return request
    }
}
