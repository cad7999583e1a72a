import FoundationEssentials

/// One file of the repository that style is checked in.
struct SourceFile: Sendable {
    /// Below the repository, such as `Sources/Runtime/Log.swift`.
    let path: String
    let lines: [Substring]

    /// `Runtime` for `Sources/Runtime/Log.swift`.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    var isSwift: Bool { path.hasSuffix(".swift") }
    var isSource: Bool { path.hasPrefix("Sources/") }

    /// `Log` for `Sources/Runtime/Log.swift`.
    var name: Substring { (path.split(separator: "/").last ?? "").prefix { $0 != "." } }

    /// Everything in Sources, Tests and sql.
    static func all() throws -> [SourceFile] {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        return try ["Sources", "Tests", "sql"].flatMap { try files(below: $0, root: root) }
    }

    private static func files(below path: String, root: String) throws -> [SourceFile] {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isFolder) else { return [] }
        if isFolder {
            return try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(path)").sorted().flatMap {
                try files(below: "\(path)/\($0)", root: root)
            }
        }
        guard [".swift", ".sql", ".h"].contains(where: path.hasSuffix) else { return [] }
        let bytes = FileManager.default.contents(atPath: "\(root)/\(path)") ?? Data()
        let text = String(decoding: bytes, as: UTF8.self)
        return [SourceFile(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))]
    }
}
