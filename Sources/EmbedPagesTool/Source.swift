/// A file of the pages.
struct Source {
    /// Below `web`: `shared/dom.js`.
    let path: String
    var text: String

    /// `shared`.
    var folder: String { String(path.prefix { $0 != "/" }) }

    /// How the name ends: `js`.
    var kind: String { String(path.split(separator: ".").last ?? "") }

    /// Without the lines that are comments as a whole. What stands behind code on its line stays: only a parser could tell it from text.
    var withoutComments: Source {
        guard kind == "js" || kind == "css" else { return self }
        var kept: [Substring] = []
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            let start = line.drop { $0 == " " }
            if isInside || start.hasPrefix("/*") {
                isInside = !line.hasSuffix("*/")
                precondition(!isInside || !line.contains("*/"), "\(path): a comment of its own lines ends with its line")
            } else if !(kind == "js" && start.hasPrefix("//")) {
                kept.append(line)
            }
        }
        return Source(path: path, text: kept.joined(separator: "\n") + "\n")
    }

    /// Without what stands between `<!--dropped-->` and `<!--/dropped-->`, and without the marks of what is kept.
    func keeping(_ kept: String, dropping dropped: String) -> String {
        var rest = text
        while let start = rest.firstRange(of: "<!--\(dropped)-->\n"),
            let end = rest[start.upperBound...].firstRange(of: "<!--/\(dropped)-->\n")
        {
            rest.removeSubrange(start.lowerBound..<end.upperBound)
        }
        return rest.replacing("<!--\(kept)-->\n", with: "").replacing("<!--/\(kept)-->\n", with: "")
    }
}
