package import HTTP
import Registry
package import Runtime

/// What an alarm is about.
package enum AlarmKind: String, Codable, CaseIterable, Sendable {
    /// A controller fell silent.
    case noHeartbeat = "no_heartbeat"
    /// A station that promises to be open let nobody in.
    case noEntry = "no_entry"
    /// A door was opened without being told to.
    case doorForced = "door_forced"
    /// A door stands open for too long.
    case doorHeld = "door_held"
    case manyRefusals = "many_refusals"
    /// A controller's clock is wrong.
    case clockOff = "clock_off"
}

/// Something at a station that people must look at. It ends by itself when its cause does, but for a forced door.
package struct Alarm: Codable, Sendable, APIType {
    package let id: ID<Alarm>
    package let kind: AlarmKind
    package let stationId: ID<Station>
    /// Nil when the whole station is meant.
    package let accessPointId: ID<AccessPoint>?
    package let raisedAt: String
    package let state: AlarmState
    /// Whether what it was raised for still was so when last looked at.
    package let causeLasts: Bool
    /// The numbers it was raised for.
    package let cause: [String: AlarmNumber]
    package let acknowledgedAt: String?
    package let acknowledgedBy: String?
    package let acknowledgeNote: String?
    package let closedAt: String?
    package let closedBy: String?
    package let closeNote: String?

    package static let schema = Schema.object(
        "Alarm", "Something at a station that people must look at",
        [
            .required("id", .id),
            .required("kind", .oneOf(AlarmKind.allCases.map(\.rawValue))),
            .required("stationId", .id),
            .optional("accessPointId", .id, "Absent when the whole station is meant"),
            .required("raisedAt", .dateTime),
            .required("state", .oneOf(AlarmState.allCases.map(\.rawValue)), "acknowledged: somebody is on it"),
            .required("causeLasts", .boolean, "Whether what it was raised for still was so when last looked at, every 10 seconds"),
            .required("cause", .map(of: .json), "The numbers it was raised for: silentSeconds, refused, aheadSeconds, since, hours"),
            .optional("acknowledgedAt", .dateTime),
            .optional("acknowledgedBy", .string(1...100)),
            .optional("acknowledgeNote", .string(0...500)),
            .optional("closedAt", .dateTime),
            .optional("closedBy", .string(1...100), "job:stations.alarms when its cause ended"),
            .optional("closeNote", .string(0...500)),
        ])
}

/// How far an alarm has come.
package enum AlarmState: String, Codable, CaseIterable, Sendable {
    case raised, acknowledged, closed
}

/// A number of an alarm's cause; since when, as text.
package enum AlarmNumber: Codable, Hashable, Sendable {
    case number(Double)
    case text(String)

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            self = .number(try container.decode(Double.self))
        } catch DecodingError.typeMismatch {
            self = .text(try container.decode(String.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        }
    }
}

/// A page of alarms.
package struct AlarmList: Codable, Sendable, APIType {
    package let items: [Alarm]
    package let next: String?

    package static let schema = Schema.object(
        "AlarmList", "A page of alarms, the newest first", [.required("items", [Alarm].schema), PageCursor.next])
}

/// What somebody says on acknowledging or closing an alarm.
package struct AlarmNote: Codable, Sendable, APIType {
    package var note: String?

    package init(note: String? = nil) {
        self.note = note
    }

    package static let schema = Schema.object(
        "AlarmNote", "What somebody says to an alarm", [.optional("note", .string(0...500), "Kept with it; name no member here")])
}

/// What receivers of webhooks are told of an alarm.
struct AlarmNews: Encodable, Sendable {
    let alarmId: ID<Alarm>
    let kind: String
    let stationId: ID<Station>
    let accessPointId: ID<AccessPoint>?
}
