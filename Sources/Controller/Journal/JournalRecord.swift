import Crypto

/// One thing that the journal keeps.
enum JournalRecord: Hashable, Sendable {
    /// A scan, before anybody is asked.
    case begun(DoorScan)
    /// What came of the scan that was begun last, with the member's code where it opened.
    case decided(DoorDecision, AcceptedCodes.Code?)
    /// The server has the first so many decisions of this door's life.
    case acknowledged(UInt64)
    /// The server's time was heard.
    case heard(DoorClock.Anchor)
    /// A command of this number was carried out; it comes again after a lost connection.
    case commanded(Int64)
    /// The beginning of a journal that took another's place: what that one had come to.
    case summary(JournalSummary)
}

/// What a journal has come to, apart from decisions that are still to be uploaded.
struct JournalSummary: Hashable, Sendable {
    var anchor: DoorClock.Anchor?
    var accepted = AcceptedCodes()
    /// The commands carried out last: numbers are given before transactions end, so a later one may have a smaller number.
    var commands: [Int64] = []
    static let commandsMax = 64
    /// The latest true time known.
    var floorMicroseconds: Int64 = 0
    /// How many decisions stand before this place in the door's life.
    var decided: UInt64 = 0
}

extension JournalRecord {
    /// Beside the scan's own code, of at most 1,024 characters of up to 4 bytes, everything is short; a summary has 24 bytes a member.
    static let payloadMax = 16 << 20

    var bytes: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .begun(let scan):
            writer.put(UInt8(1))
            writer.put(raw: scan.requestID.bytes)
            writer.put(scan.direction == .inward)
            writer.put(scan.moment)
            writer.put(scan.code)
        case .decided(let decision, let code):
            writer.put(UInt8(2))
            writer.put(decision.isOpen)
            writer.put(decision.decider == .server)
            writer.put(decision.relayMilliseconds)
            writer.put(UInt8(clamping: decision.reasons.count))
            for reason in decision.reasons.prefix(255) { writer.put(reason) }
            writer.put(code != nil)
            if let code { writer.put(code) }
        case .acknowledged(let count):
            writer.put(UInt8(3))
            writer.put(count)
        case .heard(let anchor):
            writer.put(UInt8(4))
            writer.put(anchor)
        case .commanded(let command):
            writer.put(UInt8(5))
            writer.put(command)
        case .summary(let summary):
            writer.put(UInt8(6))
            writer.put(summary.anchor != nil)
            if let anchor = summary.anchor { writer.put(anchor) }
            writer.put(UInt8(clamping: summary.commands.count))
            for command in summary.commands.prefix(Int(UInt8.max)) { writer.put(command) }
            writer.put(summary.floorMicroseconds)
            writer.put(summary.decided)
            writer.put(summary.accepted.forgottenThroughSeconds)
            let codes = summary.accepted.all
            writer.put(UInt32(codes.count))
            for code in codes { writer.put(code) }
        }
        return writer.bytes
    }

    /// Nil for what `bytes` never gives.
    init?(bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard let kind: UInt8 = reader.number(), let record = Self.read(kind, &reader), reader.isAtEnd else { return nil }
        self = record
    }

    private static func read(_ kind: UInt8, _ reader: inout ByteReader) -> JournalRecord? {
        switch kind {
        case 1:
            guard let id = reader.raw(16).flatMap({ UUIDv7(bytes: $0) }), let isInward = reader.flag(), let moment = reader.moment(),
                let code = reader.text()
            else { return nil }
            return .begun(DoorScan(requestID: id, direction: isInward ? .inward : .outward, moment: moment, code: code))
        case 2: return decided(&reader)
        case 3: return reader.number().map { .acknowledged($0) }
        case 4: return reader.anchor().map { .heard($0) }
        case 5: return reader.number().map { .commanded($0) }
        case 6: return summary(&reader)
        default: return nil
        }
    }

    private static func decided(_ reader: inout ByteReader) -> JournalRecord? {
        guard let isOpen = reader.flag(), let isServers = reader.flag(), let relay: Int32 = reader.number(),
            let count: UInt8 = reader.number()
        else { return nil }
        var reasons: [String] = []
        for _ in 0..<count {
            guard let reason = reader.text() else { return nil }
            reasons.append(reason)
        }
        guard let hasCode = reader.flag() else { return nil }
        let code = hasCode ? reader.code() : nil
        guard hasCode == (code != nil) else { return nil }
        let decision = DoorDecision(
            isOpen: isOpen, reasons: reasons, decider: isServers ? .server : .controller, relayMilliseconds: relay)
        return .decided(decision, code)
    }

    private static func summary(_ reader: inout ByteReader) -> JournalRecord? {
        guard let hasAnchor = reader.flag() else { return nil }
        let anchor = hasAnchor ? reader.anchor() : nil
        guard hasAnchor == (anchor != nil), let commandCount: UInt8 = reader.number() else { return nil }
        let commands = (0..<commandCount).compactMap { _ in reader.number(Int64.self) }
        guard commands.count == Int(commandCount), let floor: Int64 = reader.number(), let decided: UInt64 = reader.number(),
            let forgotten: Int64 = reader.number(), let count: UInt32 = reader.number()
        else { return nil }
        var codes: [AcceptedCodes.Code] = []
        for _ in 0..<count {
            guard let code = reader.code() else { return nil }
            codes.append(code)
        }
        return .summary(
            JournalSummary(
                anchor: anchor, accepted: AcceptedCodes(codes, forgottenThroughSeconds: forgotten), commands: commands,
                floorMicroseconds: floor, decided: decided))
    }
}

extension ByteWriter {
    fileprivate mutating func put(_ moment: Moment) {
        put(moment.microseconds)
        put(moment.isCertain)
        put(moment.bootMicroseconds)
        put(moment.bootID)
    }

    fileprivate mutating func put(_ code: AcceptedCodes.Code) {
        put(code.memberID)
        put(code.sequence)
        put(code.expiresAtSeconds)
    }

    fileprivate mutating func put(_ anchor: DoorClock.Anchor) {
        put(anchor.bootID)
        put(anchor.bootMicroseconds)
        put(anchor.trueMicroseconds)
        put(anchor.uncertaintyMicroseconds)
        put(anchor.wallErrorMicroseconds)
    }
}

extension ByteReader {
    fileprivate mutating func moment() -> Moment? {
        guard let time: Int64 = number(), let isCertain = flag(), let boot: Int64 = number(), let id: UInt64 = number() else { return nil }
        return Moment(microseconds: time, isCertain: isCertain, bootMicroseconds: boot, bootID: id)
    }

    fileprivate mutating func code() -> AcceptedCodes.Code? {
        guard let member: Int64 = number(), let sequence: Int64 = number(), let end: Int64 = number() else { return nil }
        return AcceptedCodes.Code(memberID: member, sequence: sequence, expiresAtSeconds: end)
    }

    fileprivate mutating func anchor() -> DoorClock.Anchor? {
        guard let id: UInt64 = number(), let boot: Int64 = number(), let time: Int64 = number(), let uncertainty: Int64 = number(),
            let error: Int64 = number()
        else { return nil }
        return DoorClock.Anchor(
            bootID: id, bootMicroseconds: boot, trueMicroseconds: time, uncertaintyMicroseconds: uncertainty, wallErrorMicroseconds: error)
    }
}
