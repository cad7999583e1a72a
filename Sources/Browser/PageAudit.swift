/// What can be checked by machine about a page that everybody shall be able to use, in its present state and width (WCAG 2.2 AA).
///
/// Names are those that Chromium itself hands to screen readers; the rest is read off the document. What is hidden is not looked at.
package enum PageAudit {
    /// The faults found, each a sentence; none when all is well.
    package static func faults(_ browser: BrowserSession) async throws(BrowserError) -> [String] {
        (try await browser.run(script).array ?? []).compactMap(\.string)
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

        // Names: what a person acts on, as Chromium itself tells it to screen readers; behind a dialog nothing is told
        const roles = ['button', 'link', 'textbox', 'searchbox', 'combobox', 'listbox', 'checkbox', 'radio', 'switch', 'slider',
            'spinbutton', 'tab', 'menuitem', 'dialog', 'alertdialog', 'img', 'graphics-document'];
        const controls = 'a[href], area[href], button, input:not([type=hidden]), select, textarea, summary, dialog, '
            + roles.map(role => '[role=' + role + ']').join(', ');
        const modal = document.querySelector('dialog:modal');
        // Whose own text or label is the name without more ado; for each of the others Chromium makes the tree of names anew, 20 ms.
        const byContent = 'a, button, summary, [role=button], [role=link], [role=tab], [role=menuitem]';
        const isPlainlyNamed = control => {
            if (control.hasAttribute('aria-labelledby')) return false;
            if ((control.getAttribute('aria-label') || '').trim()) return true;
            const texts = control.matches(byContent) ? [control] : Array.from(control.labels || []);
            return texts.some(one => (one.innerText || '').trim() && !one.querySelector('[aria-hidden=true]'));
        };
        for (const control of document.querySelectorAll(controls)) {
            if (!control.checkVisibility({ visibilityProperty: true }) || isHidden(control)) continue;
            if (control.matches('img, svg, canvas')) continue;
            if (modal && !modal.contains(control)) continue;
            if (isPlainlyNamed(control) || control.computedName.trim()) continue;
            const tag = [control.localName].concat(Array.from(control.attributes, one => one.name + '="' + one.value + '"')).join(' ');
            faults.push('<' + tag + '> has no accessible name (' + control.computedRole + ')');
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
