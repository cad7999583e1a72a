import Runtime
import Synchronization

/// Where the server is and how it knows this controller.
struct ServerPlace: Sendable {
    let url: String
    let accessPoint: Int64
    let key: String
    let trustedCertificates: String?
}

/// The way to the server, shared by all who use it: it can be cut for a rehearsal, and says in the log why it fails.
final class Link: Sendable {
    private let cut = Atomic(false)
    private let lastFault = Mutex("")
    private let log: Log

    init(log: Log) {
        self.log = log
    }

    var isCut: Bool {
        get { cut.load(ordering: .acquiring) }
        set { cut.store(newValue, ordering: .releasing) }
    }

    /// One line for each new kind of fault; none while it stays the same.
    func note(_ error: any Error) {
        // A decoding error would quote what could not be decoded.
        let text = error is DecodingError ? "an answer that is not understood" : "\(error)"
        let isNew = lastFault.withLock { last in
            defer { last = text }
            return last != text
        }
        if isNew { log.notice("server.unreachable", ["reason": .text(text)]) }
    }

    func recovered() { lastFault.withLock { $0 = "" } }
}

/// What the person at the machine has to mend.
package struct ControllerError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
