package import Postgres
package import Runtime

/// A node of the union's tree (工会组织).
package struct Organization: Sendable {
    package let id: ID<Organization>
    /// Nil for a root.
    package let parentID: ID<Organization>?
    package let kind: OrganizationKind
    package let name: String
    package let createdAt: Timestamp

    /// What it is called, for lists that tell of it.
    package struct Names: Hashable, Sendable {
        package let name: String
        /// Nil: it has none, and the name is shown.
        package let nameEn: String?
    }

    /// An organization to be.
    package struct Draft: Sendable {
        let parentID: ID<Organization>?
        let kind: OrganizationKind
        let name: String

        /// - Parameter name: 1 to 100 characters, unique below its parent.
        package init(parentID: ID<Organization>? = nil, kind: OrganizationKind, name: String) {
            self.parentID = parentID
            self.kind = kind
            self.name = name
        }
    }
}
