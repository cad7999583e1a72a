/// One reason of a refusal: a stable code, where it applies, and a sentence.
package struct Violation: Hashable, Sendable {
    package let code: String

    /// JSON pointer (RFC 6901) into the body; "" is the body itself.
    package let pointer: String?

    /// The name of a query, path or header parameter.
    package let parameter: String?
    package let detail: Localized

    package init(_ code: String, zh: String, en: String) {
        self.init(code: code, pointer: nil, parameter: nil, detail: Localized(zh: zh, en: en))
    }

    package init(_ code: String, pointer: String, zh: String, en: String) {
        self.init(code: code, pointer: pointer, parameter: nil, detail: Localized(zh: zh, en: en))
    }

    package init(_ code: String, parameter: String, zh: String, en: String) {
        self.init(code: code, pointer: nil, parameter: parameter, detail: Localized(zh: zh, en: en))
    }

    init(code: String, pointer: String?, parameter: String?, detail: Localized) {
        self.code = code
        self.pointer = pointer
        self.parameter = parameter
        self.detail = detail
    }
}
