package import Crypto
import MemberCode
package import Runtime

/// What a door shows for workers to scan: which access point it is, and that the code is of now or of the print in force.
///
/// Text: `WSD1:`, the access point's number in decimal digits, a colon (so that a phone finds the path of its request in what it scanned),
/// then Base45 of 13 bytes: kind (1 byte), step or print (4, big endian), and 8 bytes of HMAC-SHA256 of all before it. All of QR's
/// alphanumeric mode, at most 45 characters. No signature: only the server checks it.
package enum DoorCode: Hashable, Sendable {
    /// Shown on a screen; `step` counts periods of 15 seconds since 1970.
    case rotating(step: UInt32)
    /// Hangs on the wall; good while the access point's print is of this number.
    case printed(UInt32)

    /// How long a step is.
    package static let stepSeconds: Int64 = 15
    /// A code opens in its own step and for so many after it: a worker has 30 to 45 seconds from its appearance.
    package static let stepsAfter: UInt32 = 2
}

/// What a check of a door's text finds.
package enum DoorCodeVerdict: Hashable, Sendable {
    /// Of this very door and of now.
    case current
    /// Of this very door; good if this is the print in force.
    case printed(UInt32)
    /// Of this very door, and past its time.
    case expired
    /// Not made here, or for another door.
    case forged
}

/// Makes and checks the texts of doors, under a key that is derived from the key file.
package struct DoorCodes: Sendable {
    private static let prefix = "WSD1:"
    private static let contentByteCount = 5
    private static let byteCount = 13

    private let key: HMACKey

    package init(_ keys: Keys) {
        key = HMACKey(HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation door code".utf8), count: 32))
    }

    /// The text of an access point's screen, and until when it opens.
    package func rotating(_ accessPoint: ID<AccessPoint>, nowMicroseconds: Int64) -> (text: String, expiresAtSeconds: Int64) {
        let step = Self.step(nowMicroseconds)
        let ends = (Int64(step) + 1) * DoorCode.stepSeconds
        return (text(.rotating(step: step), of: accessPoint), ends)
    }

    /// The text of an access point's print.
    package func printed(_ accessPoint: ID<AccessPoint>, print: UInt32) -> String {
        text(.printed(print), of: accessPoint)
    }

    /// Checks what a worker scanned against the door that is to be opened.
    package func verify(_ text: String, of accessPoint: ID<AccessPoint>, nowMicroseconds: Int64) -> DoorCodeVerdict {
        guard let (number, bytes) = Self.parts(text), number == accessPoint.rawValue else { return .forged }
        let content = Array(bytes[..<Self.contentByteCount])
        guard Array(bytes[Self.contentByteCount...]) == authenticator(content, accessPoint) else { return .forged }
        let value = content[1...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        switch content[0] {
        case 1:
            let now = Self.step(nowMicroseconds)
            // One step ahead is another server's clock.
            return Int64(value) <= Int64(now) + 1 && Int64(now) <= Int64(value) + Int64(DoorCode.stepsAfter) ? .current : .expired
        case 2: return .printed(value)
        default: return .forged
        }
    }

    /// The number and the bytes; nil for what is no door's text.
    private static func parts(_ text: String) -> (number: Int64, bytes: [UInt8])? {
        guard text.utf8.count <= 64, text.utf8.starts(with: prefix.utf8) else { return nil }
        let rest = text.utf8.dropFirst(prefix.utf8.count)
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard let number = Int64(String(Substring(digits))), digits.first != 0x30, rest.dropFirst(digits.count).first == 0x3A,
            let bytes = Base45.decode(String(Substring(rest.dropFirst(digits.count + 1)))), bytes.count == byteCount
        else { return nil }
        return (number, bytes)
    }

    private func text(_ code: DoorCode, of accessPoint: ID<AccessPoint>) -> String {
        let (kind, value): (UInt8, UInt32) =
            switch code {
            case .rotating(let step): (1, step)
            case .printed(let print): (2, print)
            }
        let content = [kind] + (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) }
        return Self.prefix + "\(accessPoint):" + Base45.encode(content + authenticator(content, accessPoint))
    }

    private func authenticator(_ content: [UInt8], _ accessPoint: ID<AccessPoint>) -> [UInt8] {
        Array(key.authenticate(Array("\(Self.prefix)\(accessPoint)|".utf8) + content).prefix(Self.byteCount - Self.contentByteCount))
    }

    private static func step(_ microseconds: Int64) -> UInt32 {
        UInt32(truncatingIfNeeded: microseconds / 1_000_000 / DoorCode.stepSeconds)
    }
}
