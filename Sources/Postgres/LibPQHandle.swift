import CLibPQ
import Glibc
import Synchronization

/// Owns a PGconn; closing is its end of life.
///
/// Unchecked because libpq leaves locking to its caller: only the Connection actor that holds it touches it, always on its loop.
final class LibPQHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    private let notices = NoticeBox()

    /// Starts to connect without blocking; nil when memory is short.
    init?(_ parameters: [(keyword: String, value: String)]) {
        let keywords = parameters.map { strdup($0.keyword) }
        let values = parameters.map { strdup($0.value) }
        defer { for text in keywords + values { free(text) } }
        let connection = (keywords.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { keywords in
            (values.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { values in
                PQconnectStartParams(keywords.baseAddress, values.baseAddress, 0)
            }
        }
        guard let connection else { return nil }
        pointer = connection
        // Notices would go to standard error. The box lives as long as the connection: both are owned here.
        PQsetNoticeReceiver(pointer, receiveNotice, Unmanaged.passUnretained(notices).toOpaque())
    }

    deinit { PQfinish(pointer) }

    /// Whether, since last asked, the server warned that a commit stopped waiting for its standby: it is then not known to be safe.
    func takeReplicationWarning() -> Bool { notices.unsafeCommit.exchange(false, ordering: .relaxed) }
}

private final class NoticeBox: Sendable {
    let unsafeCommit = Atomic(false)
}

/// The source function is compared because the message itself may be in the server's language.
private func receiveNotice(_ context: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
    guard let context, let function = PQresultErrorField(result, CInt(UInt8(ascii: "R"))) else { return }
    if strcmp(function, "SyncRepWaitForLSN") == 0 {
        Unmanaged<NoticeBox>.fromOpaque(context).takeUnretainedValue().unsafeCommit.store(true, ordering: .relaxed)
    }
}
