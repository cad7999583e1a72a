import Crypto
import FoundationEssentials
import Postgres
import Registry
import Runtime

/// A code shown at a lesson, its check done, on its way to the decision.
struct LessonScan: Sendable {
    /// Made by the device; unique within the lesson.
    let requestID: UUID
    let classID: ID<SchoolClass>
    let number: Int16
    /// Nil: an organizer.
    let deviceID: ID<Device>?
    let code: ShownCode
    let occurredAt: Timestamp
    let fingerprint: [UInt8]
    let doneBy: String

    /// What the code itself is refused for.
    var reason: AttendanceReason? {
        switch code.fault {
        case .malformed: .codeMalformed
        case .unknownKey: .codeUnknownKey
        case .forged: .codeForged
        case .expired: .codeExpired
        case .fromFuture: .codeFromFuture
        case nil: nil
        }
    }

    /// What was decided.
    enum Decision: Sendable {
        case decided(Decided, isRepeat: Bool)
        /// The request id was used for something else.
        case conflict
        case lessonUnknown
    }

    struct Decided: Sendable {
        /// Nil: refused.
        let state: AttendanceState?
        let reasons: [AttendanceReason]
        let memberID: ID<Member>?
        /// In a seat lent for the evening.
        let isGuest: Bool
        let decidedAt: Timestamp
    }
}

/// Whether somebody came.
enum AttendanceState: String, Codable, CaseIterable, Sendable {
    case attended, late, excused, absent
}

/// Tells what a classroom's device read.
struct LessonCodeReader: Sendable {
    private let reader: ShownCodeReader

    init(_ keys: Keys) {
        reader = ShownCodeReader(keys, for: "lesson")
    }

    /// - Parameters:
    ///   - code: as read; anything.
    ///   - nowMicroseconds: when it was shown, since 1970.
    func scan(
        _ code: String, pin: String?, at lesson: (id: ID<SchoolClass>, number: Int16), request: UUID, device: ID<Device>?,
        occurredAt: Timestamp, by subject: String, nowMicroseconds: Int64
    ) -> LessonScan {
        let shown = reader.read(code, pin: pin, nowMicroseconds: nowMicroseconds)
        return LessonScan(
            requestID: request, classID: lesson.id, number: lesson.number, deviceID: device, code: shown, occurredAt: occurredAt,
            fingerprint: reader.fingerprint("\(lesson.id) \(lesson.number) \(occurredAt.microseconds)", said: shown.said), doneBy: subject)
    }
}
