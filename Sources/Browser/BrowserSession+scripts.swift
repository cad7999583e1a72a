import Runtime

extension BrowserSession {
    /// Runs the body of a function, with `arguments[0]` and so on, and gives what it returns. Policies of the page do not keep it
    /// from running; what it does is subject to them.
    @discardableResult
    package func run(_ script: String, _ arguments: [ScriptValue] = []) async throws(BrowserError) -> ScriptValue {
        try await command("POST", "/execute/sync", ["script": .string(script), "args": .array(arguments)])
    }

    /// The same with a body in which `await` may stand; waits for its end, for a minute at most.
    @discardableResult
    package func runAsync(_ script: String, _ arguments: [ScriptValue] = []) async throws(BrowserError) -> ScriptValue {
        let whole = """
            const done = arguments[arguments.length - 1];
            const given = Array.prototype.slice.call(arguments, 0, -1);
            (async function () { \(script)
            }).apply(null, given).then(
                value => done({ value: value === undefined ? null : value }),
                error => done({ error: String(error) }));
            """
        let answer = try await command("POST", "/execute/async", ["script": .string(whole), "args": .array(arguments)])
        if let error = answer["error"].string { throw .refused(code: "javascript error", message: error) }
        return answer["value"]
    }

    /// Waits until an element can be seen, and gives it.
    @discardableResult
    package func waitUntil(visible css: String) async throws(BrowserError) -> Element {
        try await wait(for: "\(css) to be visible") { () throws(BrowserError) in
            for element in try await self.findAll(css) where try await element.isVisible() { return element }
            return nil
        }
    }

    /// Waits until no such element can be seen.
    package func waitUntil(gone css: String) async throws(BrowserError) {
        try await wait(for: "\(css) to be gone") { () throws(BrowserError) -> Void? in
            for element in try await self.findAll(css) where try await element.isVisible() { return nil }
            return ()
        }
    }

    /// Waits until the text can be read somewhere in the elements (all of the page by default).
    @discardableResult
    package func waitUntil(text: String, in css: String = "body") async throws(BrowserError) -> Element {
        try await wait(for: "“\(text)” in \(css)") { () throws(BrowserError) in
            for element in try await self.findAll(css) where try await element.text().contains(text) { return element }
            return nil
        }
    }

    /// Waits until an expression of JavaScript is true, and gives its value.
    @discardableResult
    package func waitUntil(_ expression: String, _ arguments: [ScriptValue] = []) async throws(BrowserError) -> ScriptValue {
        try await wait(for: expression) { () throws(BrowserError) in
            let value = try await self.run("return (\(expression));", arguments)
            return value.isTruthy ? value : nil
        }
    }

    /// Asks again and again; what is refused because the page is just changing counts as not yet.
    func wait<Value>(
        for what: String, _ attempt: () async throws(BrowserError) -> Value?
    ) async throws(BrowserError) -> Value {
        let deadline = MonotonicTime.current + Self.patience
        var refusal = ""
        while MonotonicTime.current < deadline {
            do throws(BrowserError) {
                if let value = try await attempt() { return value }
                refusal = ""
            } catch .refused(let code, let message)
                where ["stale element reference", "no such element", "javascript error", "no such execution context"].contains(code)
            {
                refusal = " (\(code): \(message))"
            }
            do { try await Task.sleep(for: .milliseconds(30)) } catch { throw .cancelled }
        }
        let seen = try await run("return location.href + ': ' + (document.body ? document.body.innerText : '').slice(0, 1000)")
        throw .notInTime("\(what)\(refusal); at \(seen.string ?? "")")
    }
}
