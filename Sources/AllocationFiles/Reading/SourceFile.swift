import Glibc
package import Runtime

/// A file's name, as it was given, and all of its bytes.
package struct SourceFile: Sendable {
    package let name: String
    package let bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    package init(name: String, text: String) { self.init(name: name, bytes: Array(text.utf8)) }

    /// Reads the file; a pipe too.
    package init(path: String) throws(SystemError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError.last(path) }
        defer { close(descriptor) }
        var information = stat()
        fstat(descriptor, &information)
        // One byte more than there are, so that a file read whole is known to have ended.
        var bytes = [UInt8](repeating: 0, count: max(Int(information.st_size) + 1, 65_536))
        var count = 0
        let first = Glibc.read(descriptor, &bytes, bytes.count)
        guard first >= 0 else { throw SystemError.last(path) }
        count = first
        bytes.removeSubrange(count...)
        var piece = [UInt8](repeating: 0, count: 1_048_576)
        while count > 0 {
            count = Glibc.read(descriptor, &piece, piece.count)
            guard count >= 0 else { throw SystemError.last(path) }
            bytes += piece.prefix(count)
        }
        self.init(name: path, bytes: bytes)
    }
}
