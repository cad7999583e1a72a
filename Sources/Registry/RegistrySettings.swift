/// What an operator decides about the registry.
package struct RegistrySettings: Sendable {
    /// The file that each seal of the audit goes to as well; nil keeps none.
    package var auditCheckpoints: String?
    /// Whether webhooks may go to this machine and to private networks: for demos and tests.
    package var webhooksAllowPrivate: Bool

    package init(auditCheckpoints: String? = nil, webhooksAllowPrivate: Bool = false) {
        self.auditCheckpoints = auditCheckpoints
        self.webhooksAllowPrivate = webhooksAllowPrivate
    }
}
