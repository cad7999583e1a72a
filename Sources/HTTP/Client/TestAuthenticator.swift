package import Runtime

/// A principal of tests.
package struct TestPrincipal: Principal {
    package let subject: String
    private let permissions: Set<Permission>

    package init(subject: String, permissions: Set<Permission>) {
        self.subject = subject
        self.permissions = permissions
    }

    package func may(_ permission: Permission) -> Bool { permissions.contains(permission) }
}

/// Knows the tokens it was given.
package struct FixedAuthenticator: Authenticator {
    private let principals: [String: any Principal]

    package init(_ principals: [String: any Principal]) {
        self.principals = principals
    }

    package func principal(bearer token: String, on loop: EventLoop) async throws -> (any Principal)? { principals[token] }
}
