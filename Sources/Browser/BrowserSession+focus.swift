/// Where the focus is after one more Tab.
package struct FocusStep: Hashable, Sendable, CustomStringConvertible {
    package let role: String
    package let name: String
    /// The element in short, such as `button#send`.
    package let selector: String

    package var description: String { "\(role) “\(name)” (\(selector))" }
}

extension BrowserSession {
    /// Presses Tab from the document's beginning until the focus leaves the page or comes back to an element, and tells its way.
    package func focusOrder(stepsMax: Int = 100) async throws(BrowserError) -> [FocusStep] {
        try await run(
            """
            if (document.activeElement) document.activeElement.blur();
            const range = document.createRange();
            range.setStart(document.body, 0);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
            """)
        var seen: Set<String> = []
        var steps: [FocusStep] = []
        while steps.count < stepsMax {
            try await press(.tab)
            let element = try await focused()
            guard seen.insert(element.id).inserted else { break }
            let selector = try await run(
                """
                const element = arguments[0];
                if (element === document.body || element === document.documentElement) return null;
                const name = element.localName;
                if (element.id) return name + '#' + element.id;
                return name + Array.from(element.classList, word => '.' + word).join('');
                """, [ScriptValue(element)])
            guard let selector = selector.string else { break }
            steps.append(FocusStep(role: try await element.role(), name: try await element.accessibleName(), selector: selector))
        }
        return steps
    }
}
