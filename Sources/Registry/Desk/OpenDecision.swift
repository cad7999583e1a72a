package import HTTP
package import Postgres
import Runtime
import Synchronization

/// One kind of thing that waits for an organizer; each feature adds its own.
package struct OpenDecision: Sendable {
    /// `alarms`.
    package let kind: String
    /// Who decides it: others are not told of it.
    package let permission: Permission
    /// The list that shows them; nil where there is no one list.
    package let path: String?
    /// A statement over those within the scope: since when each waits, and how many it stands for, the oldest first and by a key.
    package let rows: @Sendable (Caller) -> SQL

    /// Who asks.
    package struct Caller: Sendable {
        package let scope: Scope
        /// As in the audit: what somebody made, another one looks at.
        package let subject: String
        package let clockOffsetMicroseconds: Int64

        /// The service's clock.
        package var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }
    }

    package init(_ kind: String, _ permission: Permission, path: String? = nil, rows: @escaping @Sendable (Caller) -> SQL) {
        self.kind = kind
        self.permission = permission
        self.path = path
        self.rows = rows
    }
}

/// The kinds of all features, in the order they were added.
package final class OpenDecisions: Sendable {
    private let kinds = Mutex<[OpenDecision]>([])

    /// Adds kinds, while the service is put together; one of the same name is replaced.
    package func add(_ decisions: [OpenDecision]) {
        kinds.withLock { kinds in
            kinds.removeAll { known in decisions.contains { $0.kind == known.kind } }
            kinds += decisions
        }
    }

    package var all: [OpenDecision] { kinds.withLock { $0 } }
}
