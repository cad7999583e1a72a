// Writes a Swift source that holds each SQL file as (path relative to the folder, text).
// Usage: EmbedSQLTool FOLDER OUTPUT FILE…

import FoundationEssentials

let arguments = CommandLine.arguments
precondition(arguments.count >= 3, "usage: EmbedSQLTool FOLDER OUTPUT FILE…")
let folder = arguments[1] + "/"
let hashes = "####"
var source = """
    /// Every SQL file of the package, ordered by path.
    package let sqlFiles: [SQLFile] = [

    """
for path in arguments.dropFirst(3).sorted() {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    precondition(!text.contains("\"\"\"" + hashes), "\(path) holds the delimiter that would end its literal")
    let relative = path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
    source += "    SQLFile(path: \"\(relative)\", text: \(hashes)\"\"\"\n\(text)\n\"\"\"\(hashes)),\n"
}
source += "]\n"
try source.write(toFile: arguments[2], atomically: true, encoding: .utf8)
