/// A language of the texts meant for people; codes never change.
package enum Language: String, Sendable, CaseIterable { case zh, en }

/// A text for people in both languages.
package struct Localized: Hashable, Sendable {
    package let zh: String
    package let en: String

    package init(zh: String, en: String) {
        self.zh = zh
        self.en = en
    }

    package subscript(language: Language) -> String {
        switch language {
        case .zh: zh
        case .en: en
        }
    }
}
