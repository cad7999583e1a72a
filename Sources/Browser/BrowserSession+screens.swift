import FoundationEssentials

extension BrowserSession {
    /// A PNG of the viewport.
    package func screenshot() async throws(BrowserError) -> [UInt8] { try Self.picture(try await command("GET", "/screenshot")) }

    /// A PNG of the whole page, however long it is.
    package func fullScreenshot() async throws(BrowserError) -> [UInt8] {
        let answer = try await devTools("Page.captureScreenshot", ["format": "png", "captureBeyondViewport": true])
        return try Self.picture(answer["data"])
    }

    /// Writes `.build/screens/NAME.png` in the repository, and gives the path.
    @discardableResult
    package func saveScreenshot(named name: String, isWhole: Bool = false) async throws(BrowserError) -> String {
        let picture = isWhole ? try await fullScreenshot() : try await screenshot()
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        let folder = root + "/.build/screens"
        let path = "\(folder)/\(name).png"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(picture).write(to: URL(filePath: path))
        } catch {
            throw .unexpectedAnswer("\(path) cannot be written: \(error)")
        }
        return path
    }

    static func picture(_ value: ScriptValue) throws(BrowserError) -> [UInt8] {
        guard let text = value.string, let data = Data(base64Encoded: text) else { throw .unexpectedAnswer("no picture") }
        return Array(data)
    }
}
