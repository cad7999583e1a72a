// Writes a Swift source that holds each file of the pages as browsers get it: its path, its text, and the same packed by gzip.
// Usage: EmbedPagesTool FOLDER OUTPUT FILE…
//
// What the folder holds is what people write: one small module a subject. On a slow network each request costs more than its bytes, so
// that what a first visit needs is put together: the modules that every page begins with become `core.js` of their folder, styles go into
// the page, comments go. A module is still one instance, wherever it is imported from.
//
// Where a file says {{version}}, the version of all of them together is put in: browsers keep what has it in its address for ever.
// {{files:shared,worker}} becomes the list of those folders' files, for the service worker.

import FoundationEssentials

let arguments = CommandLine.arguments
precondition(arguments.count >= 3, "usage: EmbedPagesTool FOLDER OUTPUT FILE…")
let written = try arguments.dropFirst(3).sorted().map { path in
    Source(path: String(path.dropFirst(arguments[1].count + 1)), text: try String(contentsOfFile: path, encoding: .utf8))
}
let bundler = Bundler(written)
let plain = written.filter { $0.kind != "js" && $0.kind != "html" }.map(\.withoutComments)
let pages = Markup(written, bundled: bundler.folders).pages
let embedded = Placeholders((plain + bundler.sources + pages).sorted { $0.path < $1.path }).filled

let hashes = "####"
var output = """
    /// The version of all files together, as addresses hold it.
    package let pagesVersion = "\(embedded.version)"

    /// Every file of the pages, ordered by path.
    package let pageFiles: [PageFile] = [

    """
for source in embedded.sources {
    precondition(!source.text.contains("\"\"\"" + hashes), "\(source.path) holds the delimiter that would end its literal")
    output += "    PageFile(path: \"\(source.path)\", packed: \"\(try packed(source.text))\", "
    output += "text: \(hashes)\"\"\"\n\(source.text)\n\"\"\"\(hashes)),\n"
}
output += "]\n"
try output.write(toFile: arguments[2], atomically: true, encoding: .utf8)
