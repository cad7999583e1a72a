/// A whole answer.
package struct HTTPClientResponse: Sendable {
    package let status: Int
    /// Names as sent; compare them without regard to case.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]
    /// Whether the body went on beyond the limit and was cut there.
    package let isCut: Bool

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The first header of this name.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// One event of a stream (HTML Living Standard, 9.2 server-sent events).
package struct HTTPClientEvent: Hashable, Sendable {
    /// `message` where the sender named none.
    package let event: String
    package let data: String
    /// The last id the stream has given, of this event or an earlier one; empty if none.
    package let id: String
}
