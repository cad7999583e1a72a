import Foundation  // Process, to run gzip, is not in FoundationEssentials

/// Packed by the gzip that every Debian has, without name or time, so that the same text gives the same bytes; as base64.
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
