extension Option {
    /// What help prints of each: flag, variable, what it does and what it is by default.
    package static func lines(_ options: [Option]) -> String {
        var text = ""
        for option in options {
            text += "  --\(option.name)" + (option.placeholder.isEmpty ? "" : " \(option.placeholder)") + "   \(option.environmentName)\n"
            let standard = option.defaultValue.map { $0 == "false" ? "" : " [\($0)]" } ?? ""
            for line in wrapped(option.help + standard, width: 92) { text += "      \(line)\n" }
        }
        return text
    }

    private static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + word.count + 1 <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
