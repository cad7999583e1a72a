import HTTP
import HTTPClient
package import Postgres
package import Runtime

/// A receiver of webhooks.
package struct WebhookEndpoint: Sendable {
    package enum State: String, Sendable, CaseIterable, Codable {
        case active
        /// Its deliveries wait.
        case paused
        /// The receiver said it is gone (410); it gets nothing until somebody activates it.
        case disabled
    }

    package let id: ID<WebhookEndpoint>
    /// Gets the events of this subtree; nil gets all.
    package let organizationID: ID<Organization>?
    package let url: String
    package let description: String
    /// Only these; empty is all but the sealed messages.
    package let eventTypes: [String]
    package let state: State
    package let disabledReason: String?
    /// Until then the secret of before signs too.
    package let previousSecretUntil: Timestamp?
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    /// Rises with every change.
    package let version: Int32

    /// Where a URL leads, and the path to ask for there.
    struct Target: Hashable, Sendable {
        let base: String
        let path: String

        /// - Parameter allowsPrivate: else only `https`, and no address of a private network. What a name leads to is seen when sending.
        /// - Returns: nil for a URL that nothing is sent to.
        init?(_ url: String, allowsPrivate: Bool) {
            guard let schemeEnd = url.firstRange(of: "://")?.upperBound else { return nil }
            let pathStart = url[schemeEnd...].firstIndex(of: "/") ?? url.endIndex
            base = String(url[..<pathStart])
            path = pathStart == url.endIndex ? "/" : String(url[pathStart...])
            guard let address = ServerAddress(base), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
                return nil
            }
            if allowsPrivate { return }
            guard address.isEncrypted, address.host.contains(".") || address.host.contains(":"), address.isPublicOrNamed else { return nil }
        }
    }
}

extension WebhookEndpoint {
    var entityTag: String { EntityTag.of(version: version) }
}
