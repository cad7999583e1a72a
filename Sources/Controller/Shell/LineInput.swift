import Glibc
import Runtime

/// Where codes come from: standard input, or a serial scanner that may be pulled out and put in again.
struct LineInput {
    let direction: DoorDirection
    /// Nil for standard input.
    let path: String?
    /// -1 while the device is not there.
    private(set) var descriptor: CInt
    /// When a device that went away is next looked for.
    private(set) var retryAt: MonotonicTime?
    private var rest: [UInt8] = []
    private var isTooLong = false

    /// Beyond it a line is no code of any kind; 4 bytes a character.
    private static let lineMax = 4 * DoorScan.codeMax
    private static let retryAfter = Duration.seconds(1)

    init(standardInput direction: DoorDirection) {
        self.direction = direction
        path = nil
        descriptor = 0
    }

    init(device path: String, _ direction: DoorDirection) {
        self.direction = direction
        self.path = path
        descriptor = -1
        retryAt = .current
    }

    /// Looks for a device that is not there.
    mutating func reopen(at now: MonotonicTime) {
        guard let path, descriptor < 0, let retryAt, now >= retryAt else { return }
        descriptor = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            self.retryAt = now + Self.retryAfter
            return
        }
        self.retryAt = nil
        // A line as the scanner sends it: nothing echoed, nothing edited; the speed stays as stty has set it.
        var settings = termios()
        if tcgetattr(descriptor, &settings) == 0 {
            let speed = cfgetispeed(&settings)
            cfmakeraw(&settings)
            cfsetispeed(&settings, speed)
            tcsetattr(descriptor, TCSANOW, &settings)
        }
    }

    /// What came since, line by line; nil when the input has ended for good.
    mutating func lines() -> [String]? {
        var piece = [UInt8](repeating: 0, count: 4_096)
        let count = read(descriptor, &piece, piece.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return [] }
        guard count > 0 else {
            if path != nil {
                close(descriptor)
                retryAt = .current + Self.retryAfter
            }
            descriptor = -1
            let last = rest.isEmpty || path != nil ? [] : [Self.code(rest)]
            rest = []
            return path == nil && last.isEmpty ? nil : last
        }
        var lines: [String] = []
        for byte in piece[..<count] {
            switch byte {
            case 0x0A, 0x0D:
                if !rest.isEmpty || isTooLong { lines.append(Self.code(rest)) }
                rest = []
                isTooLong = false
            case _ where rest.count >= Self.lineMax: isTooLong = true
            default: rest.append(byte)
            }
        }
        return lines.filter { !$0.isEmpty }
    }

    /// What stands on the line, without control characters and without spaces around it, cut to the length of the longest code.
    private static func code(_ bytes: [UInt8]) -> String {
        var text = Substring(
            String(decoding: bytes, as: UTF8.self).unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.map(Character.init))
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        var cut = String.UnicodeScalarView()
        cut.append(contentsOf: text.unicodeScalars.prefix(DoorScan.codeMax))
        return String(cut)
    }
}
