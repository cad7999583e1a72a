/// Why nothing more can be written: the client left, read too slowly, or the server stops.
package enum ResponseStreamError: Error, Hashable, Sendable {
    case disconnected
    case stopping
}

/// The body of a streamed response.
package struct ResponseWriter: Sendable {
    private let send: @Sendable ([UInt8]) async -> ResponseStreamError?

    init(_ send: @escaping @Sendable ([UInt8]) async -> ResponseStreamError?) {
        self.send = send
    }

    /// Sends a piece; returns when there is room for the next one.
    package func write(_ bytes: [UInt8]) async throws(ResponseStreamError) {
        if let error = await send(bytes) { throw error }
    }

    package func write(_ text: String) async throws(ResponseStreamError) {
        try await write(Array(text.utf8))
    }
}

/// One event of `text/event-stream`.
package struct ServerSentEvent: Sendable {
    package let event: String?
    package let data: String
    package let id: String?

    package init(event: String? = nil, data: String, id: String? = nil) {
        self.event = event
        self.data = data
        self.id = id
    }

    /// Line by line, as the format wants it; line breaks in `event` and `id` are dropped.
    var encoded: [UInt8] {
        var text = ""
        if let id { text += "id: \(Self.oneLine(id))\n" }
        if let event { text += "event: \(Self.oneLine(event))\n" }
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }) {
            text += "data: \(line)\n"
        }
        return Array((text + "\n").utf8)
    }

    private static func oneLine(_ text: String) -> String {
        text.filter { !$0.isNewline }
    }
}

/// An event as its bytes: encoded once for all who are sent it.
package struct EncodedEvent: Sendable {
    let bytes: [UInt8]

    package init(_ event: ServerSentEvent) {
        bytes = event.encoded
    }
}

/// An open stream of events; a comment is sent every 15 seconds by itself, so that proxies keep it open.
package struct EventStream: Sendable {
    private let writer: ResponseWriter

    init(_ writer: ResponseWriter) {
        self.writer = writer
    }

    /// Sends an event; throws once the client left or the server stops.
    package func send(_ event: ServerSentEvent) async throws(ResponseStreamError) {
        try await writer.write(event.encoded)
    }

    /// The same for one that many are sent.
    package func send(_ event: EncodedEvent) async throws(ResponseStreamError) {
        try await writer.write(event.bytes)
    }
}
