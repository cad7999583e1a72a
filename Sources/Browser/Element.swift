/// An element of a page as it is in the browser: gone once the page has changed it for another. Of one that was found by a selector the
/// other takes its place.
package struct Element: Sendable {
    let session: BrowserSession
    let id: String
    /// It was the first for this selector.
    var css: String?

    private static let triesMax = 5

    private func command(_ method: String, _ path: String, _ body: ScriptValue? = nil) async throws(BrowserError) -> ScriptValue {
        var (id, tries) = (id, 1)
        while true {
            do throws(BrowserError) {
                return try await session.command(method, "/element/\(id)\(path)", body)
            } catch {
                // What is drawn anew between two commands: nothing was done yet.
                guard let css, error.isOfAnElementThatIsGone, tries < Self.triesMax else { throw error }
                tries += 1
                id = try await session.find(css).id
            }
        }
    }

    /// Its text as it is drawn: nothing of what is hidden.
    package func text() async throws(BrowserError) -> String { try await command("GET", "/text").string ?? "" }

    /// The attribute as the document has it; nil where there is none, "true" for a boolean one.
    package func attribute(_ name: String) async throws(BrowserError) -> String? { try await command("GET", "/attribute/\(name)").string }

    /// The property that scripts see, such as `value` or `checked`.
    package func property(_ name: String) async throws(BrowserError) -> ScriptValue { try await command("GET", "/property/\(name)") }

    /// What a style comes to, such as `rgb(0, 0, 0)` for `color`.
    package func style(_ name: String) async throws(BrowserError) -> String { try await command("GET", "/css/\(name)").string ?? "" }

    /// Whether a person can see it.
    package func isVisible() async throws(BrowserError) -> Bool { try await command("GET", "/displayed").bool ?? false }
    package func isEnabled() async throws(BrowserError) -> Bool { try await command("GET", "/enabled").bool ?? false }

    /// Its role as a screen reader is told it.
    package func role() async throws(BrowserError) -> String { try await command("GET", "/computedrole").string ?? "" }

    /// Its name as a screen reader says it.
    package func accessibleName() async throws(BrowserError) -> String { try await command("GET", "/computedlabel").string ?? "" }

    /// Scrolls it into view and clicks its middle, as by a mouse. Refused when something else lies above.
    package func click() async throws(BrowserError) { _ = try await command("POST", "/click") }

    /// Scrolls it into view and touches its middle with a finger, or what lies above it.
    package func tap() async throws(BrowserError) {
        try await session.run("arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })", [ScriptValue(self)])
        let move: ScriptValue = ["type": "pointerMove", "duration": 0, "origin": ScriptValue(self), "x": 0, "y": 0]
        let actions: ScriptValue = [move, ["type": "pointerDown", "button": 0], ["type": "pointerUp", "button": 0]]
        let finger: ScriptValue = ["type": "pointer", "id": "finger", "parameters": ["pointerType": "touch"], "actions": actions]
        _ = try await session.command("POST", "/actions", ["actions": [finger]])
    }

    /// Types at the end of what is there, key by key.
    package func type(_ text: String) async throws(BrowserError) { _ = try await command("POST", "/value", ["text": .string(text)]) }

    /// Empties a field.
    package func clear() async throws(BrowserError) { _ = try await command("POST", "/clear") }

    /// The first one within it; refused where there is none.
    package func find(_ css: String) async throws(BrowserError) -> Element {
        try session.element(try await command("POST", "/element", ["using": "css selector", "value": .string(css)]))
    }

    /// All within it, in the document's order.
    package func findAll(_ css: String) async throws(BrowserError) -> [Element] {
        let found = try await command("POST", "/elements", ["using": "css selector", "value": .string(css)])
        return try (found.array ?? []).map { (value) throws(BrowserError) in try session.element(value) }
    }

    /// A PNG of it alone.
    package func screenshot() async throws(BrowserError) -> [UInt8] { try BrowserSession.picture(try await command("GET", "/screenshot")) }
}
