import Runtime

/// Why a streamed body ended early.
package enum BodyStreamError: Error, Hashable, Sendable {
    case disconnected
    case tooSlow
    case tooLarge
    case malformed
}

extension BodyStreamError: ProblemRepresentable {
    package var problem: Problem {
        switch self {
        case .disconnected, .malformed: Problem(HTTPProblem.malformed)
        case .tooSlow: Problem(HTTPProblem.timeout)
        case .tooLarge: Problem(HTTPProblem.bodyTooLarge)
        }
    }
}

/// A body read piece by piece; what is not read stays with the client. One reader at a time.
package struct BodyStream: Sendable {
    private let take: @Sendable () async -> Result<[UInt8]?, BodyStreamError>

    init(_ take: @escaping @Sendable () async -> Result<[UInt8]?, BodyStreamError>) {
        self.take = take
    }

    /// The next piece, never empty; nil after the last one.
    package func next() async throws(BodyStreamError) -> [UInt8]? {
        try await take().get()
    }

    /// A stream of pieces that are there already; for tests.
    package static func of(_ pieces: [[UInt8]]) -> BodyStream {
        let rest = Pieces(pieces)
        return BodyStream { .success(await rest.next()) }
    }

    private actor Pieces {
        private var pieces: ArraySlice<[UInt8]>

        init(_ pieces: [[UInt8]]) {
            self.pieces = pieces.filter { !$0.isEmpty }[...]
        }

        func next() -> [UInt8]? { pieces.popFirst() }
    }
}

/// A request's body: collected, or a stream where the route declares one.
package enum RequestBody: Sendable {
    case none
    case bytes([UInt8])
    case stream(BodyStream)
}
