/// One setting: given as `--name VALUE`, as `WAYSTATION_NAME`, or as `name = value` in the configuration file, in that precedence.
package struct Option: Sendable {
    package enum Kind: Sendable {
        case text
        /// A whole number within the range.
        case integer(ClosedRange<Int>)
        /// `--name` alone means true.
        case flag
        case choice([String])
        /// Text that may be given several times: the values are joined by the separator.
        case list(separator: String)
    }

    package let name: String
    package let kind: Kind
    package let placeholder: String
    package let defaultValue: String?
    package let help: String

    package init(_ name: String, _ kind: Kind, placeholder: String = "", defaultValue: String? = nil, help: String) {
        self.name = name
        self.kind = kind
        self.placeholder = placeholder
        self.defaultValue = defaultValue
        self.help = help
    }

    /// `WAYSTATION_CLOCK_OFFSET` for `clock-offset`.
    package var environmentName: String {
        "WAYSTATION_" + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }

    /// What stands when a flag is given again: the last value, or all of them.
    func joined(_ earlier: String?, _ value: String) -> String {
        guard case .list(let separator) = kind, let earlier else { return value }
        return earlier + separator + value
    }

    /// Why `value` does not fit, or nil.
    func fault(in value: String) -> String? {
        switch kind {
        case .text, .list: return value.isEmpty ? "must not be empty" : nil
        case .flag: return ["true", "false"].contains(value) ? nil : "must be true or false"
        case .choice(let names): return names.contains(value) ? nil : "must be one of \(names.joined(separator: ", "))"
        case .integer(let range):
            guard let number = Int(value), range.contains(number) else {
                return "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            }
            return nil
        }
    }
}
