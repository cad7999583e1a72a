package import Runtime

/// A request whose declared parts were checked: what a handler is called with.
package struct Request: Sendable {
    package let method: Method

    /// The path as sent, still encoded.
    package let path: String
    package let headers: Headers

    /// The client's `X-Request-Id` or one made here; also in the answer.
    package let requestID: String
    package let principal: (any Principal)?

    /// The loop that this request lives on.
    package let loop: EventLoop
    package let body: RequestBody
    let peer: Peer
    let parameters: ParameterValues

    /// The language of texts for people, by `Accept-Language`; Chinese by default.
    package var language: Language { Language(accepting: headers["Accept-Language"]) }

    /// Where it comes from: the connection's other end, or whom the proxies in front of it name. Personal data.
    package var clientAddress: NetworkAddress? { peer.client(headers) }

    /// Whether the client came by TLS, as the proxy in front says (`X-Forwarded-Proto`); without a proxy that is trusted it did not.
    package var isSecure: Bool { peer.proxies > 0 && headers["X-Forwarded-Proto"]?.lowercased() == "https" }

    /// A well-formed `traceparent` (W3C Trace Context), or nil.
    package var traceParent: String? { headers["traceparent"].flatMap { isTraceParent($0) ? $0 : nil } }

    /// Whether the client likes answers of `type` better than those of `other`, by its `Accept`; not when it likes them alike.
    package func prefers(_ type: String, to other: String) -> Bool {
        let weights = MediaType.weights(headers["Accept"], of: [type, other])
        return weights[0] > weights[1]
    }

    /// Whether the body came as plain text, on a route that takes it beside JSON.
    package var isPlainText: Bool { headers["Content-Type"].flatMap { MediaType.parse($0)?.essence } == MediaType.plainText }

    /// The collected body; empty when there is none.
    package var bytes: [UInt8] {
        if case .bytes(let bytes) = body { return bytes }
        return []
    }

    /// The body of a route that declared `.stream`.
    package var stream: BodyStream {
        switch body {
        case .stream(let stream): stream
        case .bytes(let bytes): .of([bytes])
        case .none: .of([])
        }
    }

    /// The body of a route that declared `.json(T.self)`: checked against the schema already.
    package func json<T: Decodable & APIType>(_ type: T.Type) throws(Problem) -> T {
        try json { bytes in try JSON.decode(type, from: bytes) }
    }

    /// The same of a type that reads its own JSON.
    package func json<T: DirectlyReadable & APIType>(_ type: T.Type) throws(Problem) -> T {
        try json { bytes in try JSON.read(type, from: bytes) }
    }

    private func json<T>(_ read: ([UInt8]) throws -> T) throws(Problem) -> T {
        do {
            return try read(bytes)
        } catch let problem as Problem {
            // A type that reads more strictly than a schema can say names what is wrong by itself.
            throw problem
        } catch {
            // The schema let through what the type does not take: the client gets a refusal, the tests of the route should have found it.
            throw Problem(HTTPProblem.invalidBody)
        }
    }

    /// A declared path parameter, required parameter or header.
    package func parameter<T: ParameterValue>(_ name: String, as type: T.Type = T.self) -> T {
        guard let value = optionalParameter(name, as: type) else {
            preconditionFailure("the parameter \(name) is declared as required, with a schema that fits its type")
        }
        return value
    }

    /// A declared parameter that may be absent.
    package func optionalParameter<T: ParameterValue>(_ name: String, as type: T.Type = T.self) -> T? {
        parameters[name].flatMap { T(parameter: $0) }
    }
}

/// What a parameter's text is read as.
package protocol ParameterValue {
    init?(parameter: String)
}

extension String: ParameterValue {
    package init?(parameter: String) { self = parameter }
}

extension Int64: ParameterValue {
    package init?(parameter: String) { self.init(parameter) }
}

extension Int: ParameterValue {
    package init?(parameter: String) { self.init(parameter) }
}

extension Double: ParameterValue {
    package init?(parameter: String) { self.init(parameter) }
}

extension Bool: ParameterValue {
    package init?(parameter: String) { self.init(parameter) }
}

extension ID: ParameterValue {
    package init?(parameter: String) {
        guard let value = Int64(parameter) else { return nil }
        self.init(value)
    }
}

extension ParameterValue where Self: RawRepresentable, RawValue == String {
    package init?(parameter: String) { self.init(rawValue: parameter) }
}

/// The checked parameters of a request, by name.
struct ParameterValues: Sendable {
    private var values: [(name: String, value: String)] = []

    subscript(name: String) -> String? { values.first { $0.name == name }?.value }

    mutating func add(_ name: String, _ value: String) { values.append((name, value)) }
}

/// `00-<32 hex>-<16 hex>-<2 hex>`, lower case, ids not all zero.
func isTraceParent(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: 0x2D, omittingEmptySubsequences: false)
    guard parts.count == 4, parts.map(\.count) == [2, 32, 16, 2], parts[0].elementsEqual("00".utf8) else { return false }
    return parts.allSatisfy { $0.allSatisfy { $0.isDigit || ($0 >= 0x61 && $0 <= 0x66) } }
        && parts[1].contains { $0 != 0x30 } && parts[2].contains { $0 != 0x30 }
}
