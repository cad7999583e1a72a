/// The languages in which refusals, summaries and explanations are written.
package enum SpokenLanguage: String, Sendable, CaseIterable {
    case zh, en

    /// What the environment asks for (`LC_ALL`, `LC_MESSAGES`, `LANG`, the first that is set): Chinese for `zh…`, else English.
    package init(environment: [String: String]) {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        self = set?.lowercased().hasPrefix("zh") == true ? .zh : .en
    }

    /// One of two texts.
    package func callAsFunction(_ chinese: String, _ english: String) -> String { self == .zh ? chinese : english }
}
