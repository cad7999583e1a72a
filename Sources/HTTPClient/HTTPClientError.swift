package import Runtime

/// Why a call to another server got no whole answer. Descriptions name no path, no header and no content, so they may be logged.
package enum HTTPClientError: Error, Hashable, Sendable {
    /// The address is no `http://` or `https://` URL of a host.
    case invalidAddress
    /// The path, a header's name or its value holds what a request cannot carry.
    case invalidRequest
    /// The file of trusted certificates cannot be read.
    case invalidCertificates
    /// The name has no address.
    case unknownHost
    /// The name leads to an address of a private network, where this client must not go.
    case privateAddress
    /// No connection could be made.
    case unreachable(SystemError)
    /// The other side's certificate is not to be trusted, or it speaks no TLS; OpenSSL's reason.
    case untrusted(String)
    /// The deadline passed; the request may have arrived.
    case timedOut
    /// The connection ended before the answer did; the request may have arrived.
    case closed
    /// What came is not HTTP/1.1; the request may have arrived.
    case malformedAnswer
    /// The answer's head or body is larger than allowed.
    case answerTooLarge
    /// An event stream was asked for and something else came, with this status.
    case noEventStream(status: Int)

    /// Whether the request never left, so that nothing of it can have happened.
    package var nothingWasSent: Bool {
        switch self {
        case .invalidAddress, .invalidRequest, .invalidCertificates, .unknownHost, .privateAddress, .unreachable, .untrusted: true
        case .timedOut, .closed, .malformedAnswer, .answerTooLarge, .noEventStream: false
        }
    }
}

extension HTTPClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidAddress: "the address is not an http or https URL"
        case .invalidRequest: "the path or a header cannot be sent"
        case .invalidCertificates: "the trusted certificates cannot be read"
        case .unknownHost: "the host's name has no address"
        case .privateAddress: "the host is in a private network"
        case .unreachable(let error): "no connection: \(error)"
        case .untrusted(let reason): "TLS failed: \(reason)"
        case .timedOut: "no answer in time"
        case .closed: "the connection ended before the answer"
        case .malformedAnswer: "the answer is not HTTP/1.1"
        case .answerTooLarge: "the answer is too large"
        case .noEventStream(let status): "status \(status) instead of an event stream"
        }
    }
}
