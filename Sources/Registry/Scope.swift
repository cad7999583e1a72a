package import HTTP
package import Postgres
package import Runtime

/// Which organizations a caller's call reaches: whole subtrees.
package struct Scope: Hashable, Sendable {
    /// Nil is the whole union.
    package let roots: [ID<Organization>]?

    package static let everything = Scope(roots: nil)
    package static let nothing = Scope(roots: [])

    package init(subtrees roots: [ID<Organization>]) {
        self.init(roots: roots)
    }

    private init(roots: [ID<Organization>]?) {
        self.roots = roots
    }

    /// A condition for a statement: true where the organization that `column` names lies within the scope.
    package func condition(_ column: String) -> SQL {
        guard let roots else { return "true" }
        guard !roots.isEmpty else { return "false" }
        return """
            exists (
                select from organization_ancestor scope
                where scope.organization_id = \(raw: column) and scope.ancestor_id = any(\(roots))
            )
            """
    }
}

extension Request {
    /// How far the caller's permission reaches. Devices and members have no subtree: their calls say by themselves whom they concern.
    package func scope(of permission: Permission) -> Scope {
        (principal as? OrganizerPrincipal)?.scope(of: permission) ?? .nothing
    }
}
