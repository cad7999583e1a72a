/// A kind of problem: its stable code in a family (`door.code_expired`), its status and title. One list per target holds them all.
package struct ProblemType: Hashable, Sendable {
    package let code: String
    package let status: Int
    package let title: Localized

    /// Whether the same request may succeed later without a change.
    package let retryable: Bool

    package init(_ code: String, _ status: Int, zh: String, en: String, retryable: Bool = false) {
        precondition((400...599).contains(status), "a problem's status is 4xx or 5xx")
        precondition(code.contains("."), "a problem's code has a family: door.code_expired")
        self.code = code
        self.status = status
        title = Localized(zh: zh, en: en)
        self.retryable = retryable
    }
}
