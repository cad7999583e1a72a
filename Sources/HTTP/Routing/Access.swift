package import Runtime

/// A call that a principal may make: `scans.create`.
package struct Permission: Hashable, Sendable, ExpressibleByStringLiteral {
    package let rawValue: String

    package init(_ rawValue: String) { self.rawValue = rawValue }
    package init(stringLiteral value: String) { rawValue = value }
}

/// Who calls: an organizer, a device, a member.
package protocol Principal: Sendable {
    /// Opaque, for logs and audit: `device:17`.
    var subject: String { get }

    func may(_ permission: Permission) -> Bool
}

/// Who may call a route.
package enum Access: Hashable, Sendable {
    case anyone
    case authenticated
    case permission(Permission)
}

/// Tells who stands behind a bearer token.
package protocol Authenticator: Sendable {
    /// Nil for a token that is not known (any more): 401.
    func principal(bearer token: String, on loop: EventLoop) async throws -> (any Principal)?

    /// Whether `shown` is what scripts of this origin know of a session's token; compared in constant time.
    func isCrossSiteToken(_ shown: String, of token: String) -> Bool
}

extension Authenticator {
    /// Without an own rule nothing is changed by cookie.
    package func isCrossSiteToken(_ shown: String, of token: String) -> Bool { false }
}

/// Knows nobody.
package struct NoAuthenticator: Authenticator {
    package init() {}
    package func principal(bearer token: String, on loop: EventLoop) async throws -> (any Principal)? { nil }
}
