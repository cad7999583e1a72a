extension Response {
    /// The body, where it is made already: what an answer kept for repetition consists of. Nil for streams, events and problems.
    package var bytes: [UInt8]? {
        switch body {
        case .bytes(let bytes): bytes
        case .none: []
        case .stream, .events, .problem: nil
        }
    }
}
