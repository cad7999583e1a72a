package import HTTP

/// What is said of a code, card or PIN that does not let somebody through, wherever it is shown: the door, the van, the counter, the room.
package enum CredentialText {
    package static let codeMalformed = Localized(zh: "这不是会员码，请出示会员码", en: "This is not a member code: show your member code")
    package static let codeUnknownKey = Localized(zh: "会员码的密钥未知，请刷新会员码", en: "The code was made with a key unknown here: refresh it")
    package static let codeForged = Localized(zh: "会员码不是真的，请刷新会员码", en: "The code is not authentic: refresh it")
    package static let codeExpired = Localized(zh: "会员码已过期，请刷新会员码", en: "The code has expired: refresh it")
    package static let codeFromFuture = Localized(zh: "会员码的签发时间晚于现在，请刷新会员码", en: "The code was issued later than now: refresh it")
    package static let cardUnknown = Localized(zh: "此卡未登记，请联系所在工会", en: "This card is not known: ask your union")
    package static let cardRevoked = Localized(zh: "此卡已注销，请联系所在工会", en: "This card was revoked: ask your union")
    package static let cardExpired = Localized(zh: "此卡不在有效期内，请联系所在工会", en: "This card is not valid now: ask your union")
    package static let numberUnknown = Localized(zh: "此卡号未绑定会员，请联系所在工会", en: "This number belongs to no member: ask your union")
    package static let pinLocked = Localized(zh: "密码错误次数过多，此卡已锁定，请联系所在工会", en: "Too many wrong PINs, the card is locked: ask your union")
    package static let pinMissing = Localized(zh: "请输入密码", en: "Enter the PIN")
    package static let pinWrong = Localized(zh: "密码错误，请重新输入", en: "The PIN is wrong: enter it again")
    package static let memberUnknown = Localized(zh: "查无此会员，请联系所在工会", en: "There is no such member: ask your union")
}
