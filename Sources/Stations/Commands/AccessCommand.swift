package import HTTP
package import Postgres
package import Runtime

/// What a waiting controller is told to do.
package struct AccessCommand: Sendable {
    package enum Kind: String, Codable, CaseIterable, Sendable {
        /// Open once: a worker scanned the door's own code and may go through.
        case open
        /// The station was locked down: refuse every entry.
        case lockDown = "lock_down"
        /// The station was unlocked: open for everybody.
        case unlock
        /// The station goes by its policies again.
        case normal
        /// Policy or list of refusals changed: fetch them.
        case sync
    }

    package let id: ID<AccessCommand>
    package let accessPointID: ID<AccessPoint>
    package let kind: Kind
    /// Of the worker's request, for `open`.
    package let requestID: String?
    package let relayMilliseconds: Int32
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
}

/// The data of an event of the commands' stream.
package struct AccessCommandAnswer: Codable, Sendable, APIType {
    package let commandId: ID<AccessCommand>
    package let accessPointId: ID<AccessPoint>
    package let kind: AccessCommand.Kind
    package let requestId: String?
    package let relayMilliseconds: Int32
    package let createdAt: String
    package let expiresAt: String

    init(_ command: AccessCommand) {
        commandId = command.id
        accessPointId = command.accessPointID
        kind = command.kind
        requestId = command.requestID
        relayMilliseconds = command.relayMilliseconds
        createdAt = command.createdAt.description
        expiresAt = command.expiresAt.description
    }

    package static let schema = Schema.object(
        "AccessCommand", "What a waiting controller is told to do",
        [
            .required("commandId", .id, "Also the event's id"),
            .required("accessPointId", .id),
            .required("kind", .oneOf(AccessCommand.Kind.allCases.map(\.rawValue))),
            .optional("requestId", .uuid, "Of the worker's request, for open: open once for it, however often it is told"),
            .required("relayMilliseconds", .integer(0...60_000), "How long to hold the relay, for open"),
            .required("createdAt", .dateTime),
            .required("expiresAt", .dateTime, "Not to be done after it"),
        ])
}
