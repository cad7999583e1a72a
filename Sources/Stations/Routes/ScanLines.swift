import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime

/// The scan call for microcontrollers: a few lines of plain text in place of JSON, and one line back.
///
///     17 in 0192f0c4-8d2e-7c31-9f0a-3b5d8004a2f1
///     WS1:…
///     1357
///
/// First the access point, the direction and the request id, one space between them, and if the device has a clock the time (RFC 3339 in
/// UTC) as a fourth; then the code as read, spaces and all; then the PIN, if one was typed. Lines end in LF or CR LF, the last one
/// may go without. The answer is `1 3000` (open, hold the relay for so many milliseconds) or `0 door.code_expired` (shut, the first
/// reason), then LF.
struct ScanLines {
    let accessPoint: ID<AccessPoint>
    let direction: AccessDirection
    let requestID: UUID
    let occurredAt: Timestamp?
    let code: String
    let pin: String?

    /// For the API's description.
    static let schema = Schema.anySigns(1...1_200).described(
        "For microcontrollers, two or three lines: `<accessPointId> <in|out> <requestId> [occurredAt]`, the code as read, and the PIN if "
            + "one was typed. Without occurredAt the time is the server's. The answer is one line: `1 <relayMilliseconds>` or "
            + "`0 <code of the first reason>`")

    /// - Throws: `access.line_malformed`, with what is wrong; it quotes nothing.
    init(_ bytes: [UInt8]) throws(Problem) {
        guard bytes.count <= 1_200, let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
            throw Self.malformed("不是 UTF-8 文本或过长", "not UTF-8 text, or too long")
        }
        var lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            String(Substring(line.last == 0x0D ? line.dropLast() : line))
        }
        if lines.last == "" { lines.removeLast() }
        guard (2...3).contains(lines.count) else { throw Self.malformed("应为两行或三行", "two or three lines are wanted") }
        let words = lines[0].split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard (3...4).contains(words.count), words[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(words[0]),
            number > 0
        else { throw Self.malformed("第一行应为：门号 in|out 请求编号 [时间]", "the first line is: access point, in|out, request id [, time]") }
        guard let direction = AccessDirection(rawValue: words[1]) else {
            throw Self.malformed("方向应为 in 或 out", "the direction is in or out")
        }
        guard words[2].utf8.count == 36, let requestID = UUID(uuidString: words[2]) else {
            throw Self.malformed("请求编号应为 UUID", "the request id is a UUID")
        }
        if words.count == 4 {
            guard let time = Timestamp(dateTime: words[3]), time.microseconds >= 0 else {
                throw Self.malformed("时间应为 RFC 3339 UTC", "the time is RFC 3339 in UTC")
            }
            occurredAt = time
        } else {
            occurredAt = nil
        }
        accessPoint = ID(number)
        self.direction = direction
        self.requestID = requestID
        code = lines[1]
        pin = lines.count == 3 ? lines[2] : nil
    }

    private static func malformed(_ zh: String, _ en: String) -> Problem {
        Problem(CredentialProblem.lineMalformed, violations: [Violation("access.line_malformed", zh: zh, en: en)])
    }

    /// The answer's line, fewer than 64 bytes.
    static func line(_ decision: AccessDecision) -> String {
        decision.isOpen ? "1 \(decision.relayMilliseconds)\n" : "0 \((decision.reasons.first ?? .accessPointClosed).rawValue)\n"
    }
}
