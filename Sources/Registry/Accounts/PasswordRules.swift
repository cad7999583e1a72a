import HTTP

/// What a password must be (NIST SP 800-63B, 5.1.1.2): long enough and not one that everybody tries first. Nothing about its characters.
enum PasswordRules {
    /// In characters as people see them.
    static let lengthMin = 8
    /// In UTF-8 bytes; only so that nobody sends a book.
    static let bytesMax = 512

    enum Fault: String, CaseIterable {
        case tooShort = "account.password_too_short"
        case tooLong = "account.password_too_long"
        case common = "account.password_common"
        case containsName = "account.password_contains_name"

        var violation: Violation {
            let text =
                switch self {
                case .tooShort: Localized(zh: "密码至少 8 个字符", en: "A password has at least 8 characters")
                case .tooLong: Localized(zh: "密码太长", en: "The password is too long")
                case .common: Localized(zh: "这个密码太常见，容易被猜到", en: "Everybody tries this password first")
                case .containsName: Localized(zh: "密码不能是账号名", en: "The password must not be the account's name")
                }
            return Violation(rawValue, pointer: "/password", zh: text.zh, en: text.en)
        }
    }

    /// - Parameter accountName: what a guesser tries, too.
    static func fault(_ password: String, accountName: String) -> Fault? {
        if password.count < lengthMin { return .tooShort }
        if password.utf8.count > bytesMax { return .tooLong }
        let plain = password.lowercased()
        if isCommon(plain) { return .common }
        let name = accountName.lowercased()
        if plain == name || (name.count >= 4 && plain.replacing(name, with: "").count < 4) { return .containsName }
        return nil
    }

    private static func isCommon(_ plain: String) -> Bool {
        if Set(plain).count < 4 || isRun(plain) || CommonPasswords.all.contains(plain) { return true }
        // password1, password123, password!: a few figures and signs behind a common word make it no rarer.
        let behind = plain.reversed().prefix { !$0.isLetter }.count
        return behind <= 6 && CommonPasswords.stems.contains(String(plain.dropLast(behind)))
    }

    /// 12345678, 87654321, abcdefgh: each character follows the one before, up or down, from 9 on at 0 again.
    private static func isRun(_ plain: String) -> Bool {
        let values = plain.unicodeScalars.map { Int($0.value) }
        let steps = Set(zip(values, values.dropFirst()).map { $1 - $0 })
        return [[1], [-1], [1, -9], [-1, 9]].contains { steps.isSubset(of: $0) }
    }
}
