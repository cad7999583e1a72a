/// Keys that have no letter (W3C WebDriver, section 17.4.2).
package enum Key: String, Sendable {
    case tab = "\u{E004}"
    case enter = "\u{E007}"
    case escape = "\u{E00C}"
    case space = "\u{E00D}"
    case pageUp = "\u{E00E}"
    case pageDown = "\u{E00F}"
    case end = "\u{E010}"
    case home = "\u{E011}"
    case left = "\u{E012}"
    case up = "\u{E013}"
    case right = "\u{E014}"
    case down = "\u{E015}"
    case shift = "\u{E008}"
    case control = "\u{E009}"
    case backspace = "\u{E003}"
}

extension BrowserSession {
    /// The first element; refused where there is none.
    package func find(_ css: String) async throws(BrowserError) -> Element {
        var found = try element(try await command("POST", "/element", ["using": "css selector", "value": .string(css)]))
        found.css = css
        return found
    }

    /// All elements, in the document's order.
    package func findAll(_ css: String) async throws(BrowserError) -> [Element] {
        let found = try await command("POST", "/elements", ["using": "css selector", "value": .string(css)])
        return try (found.array ?? []).map { (value) throws(BrowserError) in try element(value) }
    }

    /// The element that has the focus; the body where none has.
    package func focused() async throws(BrowserError) -> Element { try element(try await command("GET", "/element/active")) }

    /// Presses and releases a key where the focus is, with `holding` held down.
    package func press(_ key: Key, holding: [Key] = []) async throws(BrowserError) {
        let keys = { (type: ScriptValue, keys: [Key]) -> [ScriptValue] in keys.map { ["type": type, "value": .string($0.rawValue)] } }
        let actions = keys("keyDown", holding + [key]) + keys("keyUp", [key] + holding.reversed())
        _ = try await command("POST", "/actions", ["actions": [["type": "key", "id": "keyboard", "actions": .array(actions)]]])
    }

    /// Types where the focus is; what is selected there is replaced, as it is after a Tab into a field.
    package func type(_ text: String) async throws(BrowserError) { try await focused().type(text) }

    func element(_ value: ScriptValue) throws(BrowserError) -> Element {
        guard let id = value[ScriptValue.elementName].string else { throw .unexpectedAnswer("no element") }
        return Element(session: self, id: id)
    }

    /// The elements in what a script returned, where it returned a list of them.
    package func elements(_ value: ScriptValue) throws(BrowserError) -> [Element] {
        try (value.array ?? []).map { (value) throws(BrowserError) in try element(value) }
    }
}
