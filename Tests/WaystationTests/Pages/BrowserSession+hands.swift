import Browser

/// What hands do on a page.
extension BrowserSession {
    /// Presses the button or link with this text, once it is there and can be pressed.
    func press(text: String, in css: String = "main, dialog[open]") async throws {
        let find = """
            [...document.querySelectorAll(arguments[1])].flatMap((one) => [...one.querySelectorAll('button, a, summary')])
              .find((one) => one.textContent.trim() === arguments[0] && one.getClientRects().length
                && one.getAttribute('aria-disabled') !== 'true')
            """
        try await waitUntil("Boolean(\(find))", [.string(text), .string(css)])
        try await run("\(find).scrollIntoView({block: 'center'})", [.string(text), .string(css)])
        let found = try elements(.array([try await run("return \(find)", [.string(text), .string(css)])]))
        try await found[0].click()
    }

    /// Sets a field as typing does: what listens is told.
    func fill(_ css: String, _ value: String) async throws {
        try await waitUntil(visible: css)
        try await run(
            """
            const field = document.querySelector(arguments[0]);
            field.value = arguments[1];
            for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {bubbles: true}));
            """, [.string(css), .string(value)])
    }
}
