package import Postgres
package import Runtime
import Synchronization

/// What a feature keeps of a person: how the person sees it, how it is forgotten, and how it passes to whom the person is merged into.
package struct PersonalDataSection: Sendable {
    /// The key in the person's own export: `visits`.
    package let name: String
    let read: @Sendable ([ID<Member>], any Querying) async throws -> any Encodable & Sendable
    let erase: @Sendable ([ID<Member>], any Querying) async throws -> Void
    let merge: @Sendable (_ ended: ID<Member>, _ survivor: ID<Member>, any Querying) async throws -> Void

    /// - Parameters:
    ///   - read: everything stored of the person under these numbers, as JSON for the person to take away.
    ///   - erase: what the person's end takes away here besides the keys; figures stay. In the transaction of the erasure.
    ///   - merge: what the one who goes on must have of the one who ends; histories stay where they are. In the transaction of the merge.
    package init(
        _ name: String, read: @escaping @Sendable ([ID<Member>], any Querying) async throws -> any Encodable & Sendable,
        erase: @escaping @Sendable ([ID<Member>], any Querying) async throws -> Void = { _, _ in },
        merge: @escaping @Sendable (_ ended: ID<Member>, _ survivor: ID<Member>, any Querying) async throws -> Void = { _, _, _ in }
    ) {
        self.name = name
        self.read = read
        self.erase = erase
        self.merge = merge
    }
}

/// The sections of all features, in the order they were added.
package final class PersonalDataSections: Sendable {
    private let sections = Mutex<[PersonalDataSection]>([])

    /// Adds a feature's section, while the service is put together; one of the same name is replaced.
    package func add(_ section: PersonalDataSection) {
        sections.withLock { sections in
            sections.removeAll { $0.name == section.name }
            sections.append(section)
        }
    }

    var all: [PersonalDataSection] { sections.withLock { $0 } }
}
