import Glibc

/// Converts text from one encoding to another, piece by piece, by glibc's iconv.
///
/// A character cut between two pieces waits for the second. Bytes that are no text become U+FFFD, so that whoever reads finds the place;
/// in an encoding other than UTF-8 a question mark.
package struct TextConverter: ~Copyable {
    private let descriptor: iconv_t
    private let mark: [UInt8]
    private var waiting: [UInt8] = []

    /// - Parameters: encodings as `iconv -l` names them: `GB18030`.
    /// - Throws: when this machine has no tables for them.
    package init(from encoding: String, to target: String = "UTF-8") throws(SystemError) {
        mark = Array((target == "UTF-8" ? "\u{FFFD}" : "?").utf8)
        guard let descriptor = iconv_open(target, encoding), descriptor != iconv_t(bitPattern: -1) else { throw .last("iconv_open") }
        self.descriptor = descriptor
    }

    deinit { iconv_close(descriptor) }

    /// `bytes` in the target's encoding, and what waited before.
    /// - Parameter isLast: whether a character cut at the end will never be completed.
    package mutating func convert(_ bytes: [UInt8], isLast: Bool = false) -> [UInt8] {
        var input = waiting + bytes
        waiting = []
        var output: [UInt8] = []
        // GB18030 grows by a half for Han characters; the loop goes on where that is too little.
        output.reserveCapacity(input.count * 3 / 2 + 16)
        var consumed = 0
        while consumed < input.count {
            let room = input.count * 2 + 16
            var failure: CInt = 0
            // iconv wants pointers that it moves; they live within these closures.
            let (taken, written) = input.withUnsafeMutableBytes { source in
                var taken = 0
                let before = output.count
                output.append(contentsOf: repeatElement(0, count: room))
                let written = output.withUnsafeMutableBytes { target in
                    var from = source.baseAddress.map { $0.advanced(by: consumed).assumingMemoryBound(to: CChar.self) }
                    var left = source.count - consumed
                    var into = target.baseAddress.map { $0.advanced(by: before).assumingMemoryBound(to: CChar.self) }
                    var space = room
                    if iconv(descriptor, &from, &left, &into, &space) == Int(bitPattern: UInt.max) { failure = errno }
                    taken = source.count - consumed - left
                    return room - space
                }
                output.removeLast(room - written)
                return (taken, written)
            }
            consumed += taken
            if failure == EINVAL && !isLast {
                waiting = Array(input[consumed...])
                break
            }
            if failure == EILSEQ || failure == EINVAL {
                output.append(contentsOf: mark)
                consumed += 1
            } else if failure != E2BIG && taken == 0 && written == 0 {
                break
            }
        }
        return output
    }
}
