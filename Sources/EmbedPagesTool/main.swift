// Writes a Swift source that holds each file of the pages: its path, its text, and the same packed by gzip.
// Usage: EmbedPagesTool FOLDER OUTPUT FILE…
//
// Where a file says {{version}}, the version of all of them together is put in: browsers keep what has it in its address for ever.
// {{files:shared,worker}} becomes the list of those folders' files, for the service worker.

import Foundation  // Process, to run gzip, is not in FoundationEssentials

/// A file as it is found.
struct Source {
    let path: String
    let text: String
}

func read(_ folder: String, _ paths: [String]) throws -> [Source] {
    try paths.sorted().map { path in
        Source(path: String(path.dropFirst(folder.count + 1)), text: try String(contentsOfFile: path, encoding: .utf8))
    }
}

/// FNV-1a of 64 bits over all files: tells versions apart, protects nothing.
func version(_ sources: [Source]) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for source in sources {
        for byte in (source.path + "\0" + source.text).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    return String(hash, radix: 36)
}

func filled(_ source: Source, _ version: String, _ all: [Source]) -> String {
    var text = source.text
    while let start = text.range(of: "{{files:"), let end = text.range(of: "}}", range: start.upperBound..<text.endIndex) {
        let folders = text[start.upperBound..<end.lowerBound].split(separator: ",").map { $0 + "/" }
        let names = all.map(\.path).filter { path in folders.contains { path.hasPrefix($0) } && !path.hasSuffix(".html") }
        text.replaceSubrange(start.lowerBound..<end.upperBound, with: names.map { "\"\($0)\"" }.joined(separator: ", "))
    }
    return text.replacingOccurrences(of: "{{version}}", with: version)
}

/// Packed by the gzip that every Debian has, without name or time, so that the same text gives the same bytes.
func packed(_ text: String) throws -> String {
    let gzip = Process()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/gzip")
    gzip.arguments = ["-9", "-n", "-c"]
    let input = Pipe()
    let output = Pipe()
    gzip.standardInput = input
    gzip.standardOutput = output
    try gzip.run()
    let writer = Thread {
        input.fileHandleForWriting.write(Data(text.utf8))
        input.fileHandleForWriting.closeFile()
    }
    writer.start()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    gzip.waitUntilExit()
    precondition(gzip.terminationStatus == 0, "gzip failed")
    return bytes.base64EncodedString()
}

let arguments = CommandLine.arguments
precondition(arguments.count >= 3, "usage: EmbedPagesTool FOLDER OUTPUT FILE…")
let sources = try read(arguments[1], Array(arguments.dropFirst(3)))
let number = version(sources)
let hashes = "####"
var written = """
    /// The version of all files together, as addresses hold it.
    package let pagesVersion = "\(number)"

    /// Every file of the pages, ordered by path.
    package let pageFiles: [PageFile] = [

    """
for source in sources {
    let text = filled(source, number, sources)
    precondition(!text.contains("\"\"\"" + hashes), "\(source.path) holds the delimiter that would end its literal")
    written += "    PageFile(path: \"\(source.path)\", packed: \"\(try packed(text))\", text: \(hashes)\"\"\"\n\(text)\n\"\"\"\(hashes)),\n"
}
written += "]\n"
try written.write(toFile: arguments[2], atomically: true, encoding: .utf8)
