/// Opens a browser for `body` and closes it, whatever happens. When `body` throws, `.build/screens/failed-….png` shows what was seen last.
///
/// Never within another one's `body`: each would hold its place and wait for the other's. `withBrowsers` opens several.
@discardableResult
package func withBrowser<Value>(
    _ options: BrowserOptions, _ body: (BrowserSession) async throws -> Value
) async throws -> Value {
    try await withBrowsers([options]) { try await body($0[0]) }
}

/// Opens up to three browsers at once, with nothing in common: a worker's phone beside an organizer's desk.
@discardableResult
package func withBrowsers<Value>(
    _ options: [BrowserOptions], _ body: ([BrowserSession]) async throws -> Value
) async throws -> Value {
    let places = try await ChromeDriver.shared.begin(options.count)
    var sessions: [BrowserSession] = []
    let outcome: Result<Value, any Error>
    do {
        for (place, options) in zip(places, options) {
            sessions.append(try await BrowserSession.open(options, driver: place.driver, folder: place.folder))
        }
        outcome = .success(try await body(sessions))
    } catch {
        for (place, session) in zip(places, sessions) {
            // The screen is a help only: the error that counts is thrown in any case.
            _ = try? await session.saveScreenshot(named: "failed-\(place.folder.split(separator: "/").last ?? "")")
        }
        outcome = .failure(error)
    }
    for session in sessions { await session.quit() }
    await ChromeDriver.shared.end(places)
    return try outcome.get()
}
