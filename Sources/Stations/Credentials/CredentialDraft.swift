import FoundationEssentials
package import HTTP
package import Registry
package import Runtime

/// What is needed to give a member a card, a number or a day code.
package struct CredentialDraft: Codable, Sendable, APIType {
    package var kind: CredentialKind
    /// Of a card or number: asked for at the door.
    package var pin: String?
    /// Of a number: as the reader tells it.
    package var number: String?
    /// Of a day code: only stations under it.
    package var organizationId: ID<Organization>?
    /// The first day included; a card three years, a number until it is revoked, when absent.
    package var validDays: Int32?

    package init(
        kind: CredentialKind, pin: String? = nil, number: String? = nil, organizationId: ID<Organization>? = nil, validDays: Int32? = nil
    ) {
        self.kind = kind
        self.pin = pin
        self.number = number
        self.organizationId = organizationId
        self.validDays = validDays
    }

    /// How long it is good, in days of the calendar in China; nil: until it is revoked.
    var days: Int32? {
        switch kind {
        case .card: validDays ?? 1_095
        case .number: validDays
        case .dayCode: 1
        }
    }

    /// The number and the PIN in it.
    /// - Throws: what does not go together, each with its place.
    func checked() throws(Problem) -> (number: CardNumber?, pin: PIN?) {
        var violations: [Violation] = []
        func unwanted(_ pointer: String, _ isGiven: Bool) {
            guard isGiven else { return }
            violations.append(
                Violation("access.credential_field_unwanted", pointer: pointer, zh: "此类凭证没有这一项", en: "This kind has no such field"))
        }
        unwanted("/pin", kind == .dayCode && pin != nil)
        unwanted("/number", kind != .number && number != nil)
        unwanted("/organizationId", kind != .dayCode && organizationId != nil)
        unwanted("/validDays", kind == .dayCode && validDays != nil)
        let read = number.flatMap { CardNumber($0) }
        if kind == .number, read == nil {
            violations.append(
                Violation(
                    "access.number_malformed", pointer: "/number", zh: "卡号须为 NFC: 加 8 至 20 位十六进制数字",
                    en: "A number is NFC: and 8 to 20 hexadecimal digits"))
        }
        let pin = pin.flatMap { PIN($0) }
        if pin?.isGuessable == true { violations.append(.guessablePIN) }
        guard violations.isEmpty else { throw Problem(CredentialProblem.invalid, violations: violations) }
        return (read, pin)
    }

    package static let schema = Schema.object(
        "CredentialDraft", "What a member is to show at a door instead of a telephone",
        [
            .required("kind", .oneOf(CredentialKind.allCases.map(\.rawValue))),
            .optional("pin", PINBody.pinSchema, "Of a card or number: asked for at the door"),
            .optional("number", .string(12...64), "Of a number: NFC: and its 4 to 10 bytes in hexadecimal, as a reader tells them"),
            .optional("organizationId", .id, "Of a day code: only stations of this organization and those below it"),
            .optional(
                "validDays", .integer(1...3_650),
                "Days of the calendar, today included. A card 1,095 when absent, a number until it is revoked; a day code lasts its day"),
        ])
}

/// A PIN to be set.
package struct PINBody: Codable, Sendable, APIType {
    package var pin: String

    package init(pin: String) {
        self.pin = pin
    }

    func checked() throws(Problem) -> PIN {
        guard let pin = PIN(pin) else { preconditionFailure("the schema lets only PINs through") }
        guard !pin.isGuessable else { throw Problem(CredentialProblem.invalid, violations: [.guessablePIN]) }
        return pin
    }

    static let pinSchema = Schema.string(
        4...6, pattern: Pattern("^[0-9]{4,6}$") { text in text.allSatisfy { (0x30...0x39).contains($0) } })

    package static let schema = Schema.object(
        "PINBody", "A PIN to be set", [.required("pin", pinSchema, "Four to six digits, not all alike, not counting up or down")])
}

extension Violation {
    fileprivate static let guessablePIN = Violation(
        "access.pin_guessable", pointer: "/pin", zh: "密码不能是相同或连续的数字", en: "A PIN is not all one digit, and does not count up or down")
}

/// Why a credential is revoked.
package struct RevocationBody: Codable, Sendable, APIType {
    package var reason: RevocationReason

    package init(reason: RevocationReason) {
        self.reason = reason
    }

    package static let schema = Schema.object(
        "RevocationBody", "Why a credential ends", [.required("reason", .oneOf(RevocationReason.allCases.map(\.rawValue)))])
}

/// A credential just made, with what is shown this once.
package struct IssuedCredential: Codable, Sendable, APIType {
    package let credential: AccessCredential
    /// A card's text for its QR, or a day code's digits.
    package let code: String?

    package static let schema = Schema.object(
        "IssuedCredential", "A credential just made",
        [
            .required("credential", AccessCredential.schema),
            .optional("code", .string(8...145), "A card's text for its QR; a day code's digits, shown this once. A number has none"),
        ])
}

/// A card as it is printed.
package struct CardAnswer: Codable, Sendable, APIType {
    package let credential: AccessCredential
    package let code: String
    package let maskedName: String?
    package let organizationName: String
    package let issuedOn: String
    package let lastDay: String

    package static let schema = Schema.object(
        "Card", "A card as it is printed",
        [
            .required("credential", AccessCredential.schema),
            .required("code", .string(145...145), "For its QR"),
            .optional("maskedName", .string(1...10), "张*; absent once the person was forgotten"),
            .required("organizationName", .string(1...100)),
            .required("issuedOn", .date),
            .required("lastDay", .date, "The last day it is good on"),
        ])
}

/// A page of credentials.
package struct CredentialList: Codable, Sendable, APIType {
    package let items: [AccessCredential]
    package let next: String?

    package static let schema = Schema.object(
        "CredentialList", "A page of credentials, the oldest first",
        [.required("items", .array(of: AccessCredential.schema, 0...200)), PageCursor.next])
}
