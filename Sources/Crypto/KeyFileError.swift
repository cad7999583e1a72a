import Glibc

/// Why the key file cannot be used: one sentence for the operator, which names the file and never its content.
package enum KeyFileError: Error, Hashable, Sendable {
    case notFound(path: String)
    /// There is one already; it is never overwritten.
    case exists(path: String)
    /// Others than its owner may read or change it; `mode` is that of chmod.
    case exposed(path: String, mode: UInt32)
    /// Not what was once written; the reason says where it differs.
    case damaged(path: String, reason: String)
    /// The operating system refuses; `code` is errno.
    case system(path: String, call: String, code: CInt)
}

extension KeyFileError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notFound(let path):
            "the key file \(path) does not exist"
        case .exists(let path):
            "the key file \(path) exists already and is not overwritten"
        case .exposed(let path, let mode):
            "the key file \(path) is open to others (mode \(String(mode, radix: 8))): make it yours alone with chmod 600"
        case .damaged(let path, let reason):
            "the key file \(path) is damaged (\(reason)): restore it from its backup, for without it nothing sealed can be read"
        case .system(let path, let call, let code):
            "the key file \(path) cannot be used: \(call): \(String(cString: strerror(code)))"
        }
    }
}
