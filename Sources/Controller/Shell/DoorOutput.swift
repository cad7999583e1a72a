import Crypto
import FoundationEssentials
import Glibc
import Runtime

/// What the controller says on standard output: one line a decision, one a change of the door's leaf.
struct DoorOutput {
    let isJSON: Bool

    private struct DecisionLine: Encodable {
        let time: String
        let requestId: String
        let direction: DoorDirection
        let open: Bool
        let decidedBy: DoorDecision.Decider
        let reasons: [String]
        let relayMilliseconds: Int32
        let milliseconds: Int64
    }

    private struct StateLine: Encodable {
        let time: String
        let door: String
    }

    /// - Parameter took: from the reading of the code to the decision.
    func decision(_ scan: DoorScan, _ decision: DoorDecision, took: Duration) {
        let time = ServerMessages.dateTime(scan.moment.microseconds)
        guard isJSON else {
            let result = decision.isOpen ? "open" : "shut " + decision.reasons.joined(separator: " ")
            return say("\(time)  \(scan.direction.rawValue)  \(result)  (\(decision.decider.rawValue), \(took.milliseconds) ms)")
        }
        say(
            DecisionLine(
                time: time, requestId: scan.requestID.description, direction: scan.direction, open: decision.isOpen,
                decidedBy: decision.decider, reasons: decision.reasons, relayMilliseconds: decision.relayMilliseconds,
                milliseconds: took.milliseconds))
    }

    /// A command of the server opened the door.
    func opened(requestID: String, relayMilliseconds: Int32, at microseconds: Int64) {
        let time = ServerMessages.dateTime(microseconds)
        guard isJSON else { return say("\(time)  command  open  (server)") }
        say(StateLine(time: time, door: "opened_by_command"))
    }

    func door(_ state: String, at microseconds: Int64) {
        let time = ServerMessages.dateTime(microseconds)
        isJSON ? say(StateLine(time: time, door: state)) : say("\(time)  door  \(state)")
    }

    private func say(_ line: some Encodable) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            say(String(decoding: try encoder.encode(line), as: UTF8.self))
        } catch {
            preconditionFailure("texts and numbers are always JSON: \(error)")
        }
    }

    private func say(_ line: String) {
        var rest = Array("\(line)\n".utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // Who listened has gone; the door goes on.
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}
