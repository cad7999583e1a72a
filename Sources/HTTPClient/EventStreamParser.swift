/// Reads server-sent events from a body as it comes (HTML Living Standard, 9.2). A value without I/O.
package struct EventStreamParser: Sendable {
    /// An event larger than this ends the stream.
    package static let eventMaxBytes = 1_048_576

    private var line: [UInt8] = []
    private var skipsLineFeed = false
    private var isFirstLine = true
    private var event = ""
    private var data: [String] = []
    private var size = 0
    private var id = ""

    package init() {}

    /// The events that `bytes` complete.
    package mutating func feed(_ bytes: [UInt8]) throws(HTTPClientError) -> [HTTPClientEvent] {
        var events: [HTTPClientEvent] = []
        for byte in bytes {
            if skipsLineFeed {
                skipsLineFeed = false
                if byte == 0x0A { continue }
            }
            guard byte == 0x0A || byte == 0x0D else {
                line.append(byte)
                guard line.count + size <= Self.eventMaxBytes else { throw .answerTooLarge }
                continue
            }
            skipsLineFeed = byte == 0x0D
            if let event = takeLine() { events.append(event) }
        }
        return events
    }

    private mutating func takeLine() -> HTTPClientEvent? {
        if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        isFirstLine = false
        let text = String(decoding: line, as: UTF8.self)
        size += line.count
        line.removeAll(keepingCapacity: true)
        if text.isEmpty { return takeEvent() }
        let colon = text.utf8.firstIndex(of: 0x3A)
        let name = text[..<(colon ?? text.endIndex)]
        var value = colon.map { text[text.utf8.index(after: $0)...] } ?? ""
        if value.utf8.first == 0x20 { value = value.dropFirst() }
        switch name {
        case "event": event = String(value)
        case "data": data.append(String(value))
        case "id": if !value.utf8.contains(0) { id = String(value) }
        // A comment (its name is empty), a reconnection time, or a field to come.
        default: break
        }
        return nil
    }

    private mutating func takeEvent() -> HTTPClientEvent? {
        defer {
            event = ""
            data = []
            size = 0
        }
        if data.isEmpty { return nil }
        return HTTPClientEvent(event: event.isEmpty ? "message" : event, data: data.joined(separator: "\n"), id: id)
    }
}
