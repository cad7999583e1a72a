/// A closed list of kinds, each with the names that organizers write in files.
package protocol Catalogue: RawRepresentable<String>, CaseIterable, Codable, Hashable, Sendable {
    /// The Chinese names, the usual one first.
    var chineseNames: [String] { get }
}

extension Catalogue {
    /// Raw values in order, for schemas.
    package static var rawValues: [String] { allCases.map(\.rawValue) }

    /// Every name in a file and what it means, raw values in any case among them.
    static func names() -> [String: Self] {
        var result: [String: Self] = [:]
        for kind in allCases {
            for name in kind.chineseNames { result[name] = kind }
            result[kind.rawValue] = kind
        }
        return result
    }
}
