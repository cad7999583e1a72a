import FoundationEssentials
import Glibc
import Runtime

/// Reads QR codes from pictures by a reader that others wrote: `zbarimg` of Debian's zbar-tools.
package enum QRReader {
    private static let program = "/usr/bin/zbarimg"

    /// What the codes in a PNG say, one element for each line; empty where none can be read.
    package static func read(png: [UInt8]) async throws(BrowserError) -> [String] {
        switch await onThread(name: "zbarimg", { Result { () throws(BrowserError) in try readBlocking(png) } }) {
        case .success(let result): return try result.get()
        case .failure(let error): throw .system(error)
        }
    }

    private static func readBlocking(_ png: [UInt8]) throws(BrowserError) -> [String] {
        guard access(program, X_OK) == 0 else { throw .missing(program: program, package: "zbar-tools") }
        var template = Array("/tmp/waystation-screen-XXXXXX.png".utf8CString)
        let file = mkstemps(&template, 4)
        guard file >= 0 else { throw .system(.last("mkstemps")) }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            close(file)
            unlink(path)
        }
        var written = 0
        while written < png.count {
            let count = png.withUnsafeBytes { write(file, $0.baseAddress?.advanced(by: written), png.count - written) }
            guard count > 0 else { throw .system(.last("write \(path)")) }
            written += count
        }
        do throws(SystemError) {
            let arguments = ["-q", "--nodbus", "--raw", "-Sdisable", "-Sqrcode.enable", path]
            let (end, output) = try ChildProcess.run(program, arguments)
            // 4: there was no code.
            guard [.status(0), .status(4)].contains(end) else { throw SystemError(call: "zbarimg: \(end), \(output)", code: EINVAL) }
            return output.split(separator: "\n").map(String.init)
        } catch {
            throw .system(error)
        }
    }
}
