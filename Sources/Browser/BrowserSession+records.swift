import Synchronization

/// A line of the browser's console.
package struct ConsoleEntry: Hashable, Sendable, CustomStringConvertible {
    /// `SEVERE` for errors, `WARNING`, `INFO`, `DEBUG`.
    package let level: String
    /// `javascript`, `network`, `security`, `console-api` and others.
    package let source: String
    package let message: String

    package var description: String { "\(level) \(source): \(message)" }
}

/// A cookie as the browser keeps it.
package struct BrowserCookie: Hashable, Sendable {
    package let name: String
    package let value: String
    package let path: String
    package let isHTTPOnly: Bool
    package let isSecure: Bool
    /// `Strict`, `Lax` or `None`.
    package let sameSite: String
    /// In seconds since 1970; nil for one that ends with the browser.
    package let expiry: Double?
}

extension BrowserSession {
    /// All that the console has shown since the browser opened, in every window.
    package func console() async throws(BrowserError) -> [ConsoleEntry] {
        let fresh = try await command("POST", "/se/log", ["type": "browser"]).array ?? []
        let entries = fresh.map { entry in
            ConsoleEntry(
                level: entry["level"].string ?? "", source: entry["source"].string ?? "", message: entry["message"].string ?? "")
        }
        return state.withLock { state in
            // chromedriver tells each line once.
            state.console += entries
            return state.console
        }
    }

    /// Errors and warnings that the console has shown since the browser opened: nothing, if all is well. An answer of 400 and above is an
    /// error here too.
    /// - Parameter texts: those that hold one of these are expected and left out.
    package func consoleErrors(besides texts: [String] = []) async throws(BrowserError) -> [ConsoleEntry] {
        try await console().filter { entry in
            ["SEVERE", "WARNING"].contains(entry.level) && !texts.contains { entry.message.contains($0) }
        }
    }

    /// The cookies that the present page would be sent with, those included that scripts cannot see.
    package func cookies() async throws(BrowserError) -> [BrowserCookie] {
        (try await command("GET", "/cookie").array ?? []).map { cookie in
            BrowserCookie(
                name: cookie["name"].string ?? "", value: cookie["value"].string ?? "", path: cookie["path"].string ?? "",
                isHTTPOnly: cookie["httpOnly"].bool ?? false, isSecure: cookie["secure"].bool ?? false,
                sameSite: cookie["sameSite"].string ?? "", expiry: cookie["expiry"].number)
        }
    }

    /// Removes the cookies of the present page.
    package func deleteCookies() async throws(BrowserError) { _ = try await command("DELETE", "/cookie") }

    /// The bytes that came over the network for the present page, its own document included, headers and all.
    package func transferredBytes() async throws(BrowserError) -> Int {
        let sum = try await run(
            """
            return performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))
                .reduce((sum, entry) => sum + entry.transferSize, 0);
            """)
        return Int(sum.number ?? 0)
    }
}
