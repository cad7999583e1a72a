/// What can be checked by machine about a page that everybody shall be able to use, in its present state and width (WCAG 2.2 AA).
///
/// Names are those that Chromium itself hands to screen readers; the rest is read off the document. What is hidden is not looked at.
package enum PageAudit {
    /// The faults found, each a sentence; none when all is well.
    package static func faults(_ browser: BrowserSession) async throws(BrowserError) -> [String] {
        let found = try await browser.run(script)
        return (found.array ?? []).compactMap(\.string) + (try await unnamed(browser))
    }

    /// What a person acts on, and pictures, by their roles.
    private static let named: Set<String> = [
        "button", "link", "textbox", "searchbox", "combobox", "listbox", "checkbox", "radio", "switch", "slider", "spinbutton", "tab",
        "menuitem", "DisclosureTriangle", "ComboBoxSelect", "ComboBoxMenuButton", "PopUpButton", "popUpButton", "textField",
        "Date", "DateTime", "InputTime", "ColorWell", "dialog", "image", "img", "SvgRoot", "graphics-document",
    ]

    /// Controls, dialogs and pictures without an accessible name.
    private static func unnamed(_ browser: BrowserSession) async throws(BrowserError) -> [String] {
        let tree = try await browser.devTools("Accessibility.getFullAXTree")
        var faults: [String] = []
        for node in tree["nodes"].array ?? [] {
            guard node["ignored"].bool != true, let role = node["role"]["value"].string, named.contains(role),
                let identifier = node["backendDOMNodeId"].number
            else { continue }
            let name = node["name"]["value"].string ?? ""
            guard name.allSatisfy(\.isWhitespace) else { continue }
            let element = try await browser.devTools("DOM.describeNode", ["backendNodeId": .number(identifier)])["node"]
            // Pictures themselves are judged by the script.
            guard element["nodeType"].number == 1, !["img", "svg", "canvas"].contains(element["localName"].string) else { continue }
            let attributes = (element["attributes"].array ?? []).compactMap(\.string)
            let pairs = stride(from: 0, to: attributes.count - 1, by: 2).map { "\(attributes[$0])=\"\(attributes[$0 + 1])\"" }
            let tag = ([element["localName"].string ?? ""] + pairs).joined(separator: " ")
            faults.append("<\(tag)> has no accessible name (\(role))")
        }
        return faults
    }

    private static let script = """
        const faults = [];
        const short = element => '<' + element.localName + (element.id ? '#' + element.id : '')
            + Array.from(element.classList, word => '.' + word).join('') + '>';
        const isSeen = element => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
        const isHidden = element => element.closest('[aria-hidden=true], [inert]') !== null;

        // Language, title, zoom
        if (!document.documentElement.lang) faults.push('html has no lang');
        if (!document.title.trim()) faults.push('the document has no title');
        const viewport = document.querySelector('meta[name=viewport]');
        if (viewport && /user-scalable\\s*=\\s*(no|0)|maximum-scale\\s*=\\s*1(\\.0*)?\\s*(,|$)/.test(viewport.content))
            faults.push('the viewport forbids zooming');

        // Identifiers
        const ids = new Map();
        for (const element of document.querySelectorAll('[id]')) ids.set(element.id, (ids.get(element.id) || 0) + 1);
        for (const [id, count] of ids) if (count > 1) faults.push('the id ' + id + ' stands ' + count + ' times');
        for (const name of ['aria-labelledby', 'aria-describedby', 'for'])
            for (const element of document.querySelectorAll('[' + name + ']'))
                for (const id of element.getAttribute(name).split(/\\s+/))
                    if (id && !ids.has(id)) faults.push(short(element) + ' names ' + id + ' in ' + name + ', which is not there');

        // Headings
        let before = 0;
        for (const heading of document.querySelectorAll('h1, h2, h3, h4, h5, h6, [role=heading]')) {
            if (!isSeen(heading) || isHidden(heading)) continue;
            const level = Number(heading.getAttribute('aria-level') || heading.localName.slice(1)) || 2;
            if (level > before + 1)
                faults.push('the heading “' + heading.textContent.trim().slice(0, 40) + '” has level ' + level + ' after ' + before);
            before = level;
        }

        // Pictures: by the document, because a picture without alternative may be left out of the tree of names
        for (const picture of document.querySelectorAll('img, svg, canvas')) {
            if (!isSeen(picture) || isHidden(picture) || picture.parentElement.closest('svg')) continue;
            if (picture.matches('[role=presentation], [role=none]')) continue;
            const hasName = picture.hasAttribute('aria-label') || picture.hasAttribute('aria-labelledby');
            const isFine = picture.localName === 'img' ? picture.hasAttribute('alt') || hasName
                : picture.localName === 'svg' ? hasName || picture.querySelector(':scope > title') !== null
                : hasName || picture.textContent.trim() !== '';
            if (!isFine) faults.push(short(picture) + ' has neither a text alternative nor aria-hidden');
        }

        // Targets: with their labels, which are part of them; links within a sentence are exempt
        const targets = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=link], [role=tab], '
            + '[role=checkbox], [role=radio], [role=switch], [role=menuitem], [tabindex="0"]';
        for (const target of document.querySelectorAll(targets)) {
            if (isHidden(target) || target.matches(':disabled')) continue;
            const boxes = [target].concat(Array.from(target.labels || [])).filter(isSeen).map(one => one.getBoundingClientRect())
                .filter(box => box.width > 1 && box.height > 1);
            if (boxes.length === 0) continue;
            if (target.localName === 'a' && getComputedStyle(target).display === 'inline'
                && Array.from(target.parentElement.childNodes).some(node => node.nodeType === 3 && node.data.trim())) continue;
            const width = Math.max(...boxes.map(box => box.right)) - Math.min(...boxes.map(box => box.left));
            const height = Math.max(...boxes.map(box => box.bottom)) - Math.min(...boxes.map(box => box.top));
            if (width < 23.99 || height < 23.99)
                faults.push(short(target) + ' “' + (target.textContent || target.value || '').trim().slice(0, 40) + '” is '
                    + Math.round(width * 10) / 10 + ' x ' + Math.round(height * 10) / 10 + ' px, 24 x 24 is the least');
        }

        // Width
        const root = document.scrollingElement;
        if (root.scrollWidth > root.clientWidth) {
            const wide = Array.from(document.body.querySelectorAll('*'))
                .filter(element => isSeen(element) && element.getBoundingClientRect().right > root.clientWidth + 0.5).slice(0, 3);
            faults.push('the page is ' + root.scrollWidth + ' px wide in ' + root.clientWidth + ' px: '
                + (wide.map(short).join(', ') || 'something') + ' sticks out');
        }
        return faults;
        """
}
