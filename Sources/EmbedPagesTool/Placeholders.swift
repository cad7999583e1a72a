/// Fills in what depends on all files together.
struct Placeholders {
    private let sources: [Source]

    init(_ sources: [Source]) {
        self.sources = sources
    }

    /// The files with everything filled in, and their version.
    var filled: (version: String, sources: [Source]) {
        let version = version
        let texts = sources.map { source in
            Source(path: source.path, text: listed(source.text).replacing("{{version}}", with: version))
        }
        return (version, texts)
    }

    /// FNV-1a of 64 bits over all files: tells versions apart, protects nothing.
    private var version: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for source in sources {
            for byte in (source.path + "\0" + source.text).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        return String(hash, radix: 36)
    }

    private func listed(_ text: String) -> String {
        text.replacing(/\{\{files:([a-z,]+)\}\}/) { match in
            let folders = match.1.split(separator: ",").map { $0 + "/" }
            let names = sources.map(\.path).filter { path in folders.contains { path.hasPrefix($0) } && !path.hasSuffix(".html") }
            return names.map { "\"\($0)\"" }.joined(separator: ", ")
        }
    }
}
