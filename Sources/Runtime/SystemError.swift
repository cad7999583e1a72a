import Glibc

/// A system call that failed: its name and `errno`.
package struct SystemError: Error, Hashable, CustomStringConvertible {
    package let call: String
    package let code: CInt

    package init(call: String, code: CInt) {
        self.call = call
        self.code = code
    }

    /// The failure that `errno` tells of now.
    package static func last(_ call: String) -> SystemError {
        SystemError(call: call, code: errno)
    }

    package var description: String {
        "\(call): \(String(cString: strerror(code)))"
    }
}
