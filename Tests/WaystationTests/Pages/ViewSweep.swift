import Browser
import HTTP
import Testing

@testable import Registry

/// One browser on its way through the views of a page, as somebody goes who touches one way after the other.
struct ViewSweep: Sendable {
    /// What a view moves about while it loads, at the most (Web Vitals: cumulative layout shift, good).
    private static let shiftMax = 0.1

    let browser: BrowserSession
    let address: String
    /// Such as `phone-zh`.
    let kind: String
    /// Dark as well: colours are the same in both languages.
    let looksAtNight: Bool

    /// Opens a page and looks at its first view, signed in by `token` or not at all, with nothing left of who was there before.
    func open(_ page: PageSession, _ view: String, as token: String?) async throws {
        let known = try await browser.console().count
        try await browser.go(to: "about:blank")
        try await browser.devTools("Storage.clearDataForOrigin", ["origin": .string(address), "storageTypes": "all"])
        if let token { try await browser.admit(page, token, at: address) }
        try await browser.go(to: "\(address)\(page == .worker ? "/" : "/\(page.rawValue)")#\(view)")
        try await browser.waitUntil("document.querySelector('main h1') && !document.querySelector('form.early')")
        try await browser.runAsync(Self.watching)
        try await look(page, view, consoleFrom: known)
    }

    /// The patterns of the page's views, as it lists them itself.
    func routes() async throws -> [String] {
        let found = try await browser.runAsync(
            """
            const main = await (await fetch(document.querySelector('script[type=module]').src)).text();
            return Array.from(main.matchAll(/\\['(\\/[^']*)', \\(\\) => import/g), found => found[1]);
            """)
        return (found.array ?? []).compactMap(\.string)
    }

    /// Goes to a view of the page that is open, and looks at it once all is there.
    func visit(_ page: PageSession, _ view: String) async throws {
        let known = try await browser.console().count
        try await browser.run(
            """
            document.querySelector('main h1').dataset.left = 'yes';
            shifts.length = 0;
            location.hash = arguments[0];
            """, [.string(view)])
        try await look(page, view, consoleFrom: known)
    }

    /// What every view with something in it must be.
    private func look(_ page: PageSession, _ view: String, consoleFrom known: Int) async throws {
        let place = "\(page.rawValue) \(view) \(kind)"
        try await browser.waitUntil(
            "document.querySelector('main h1:not([data-left])') && !document.querySelector('[aria-busy=true], main > .skeleton')")
        let seen = try await browser.runAsync(Self.looking)
        var faults = (seen["faults"].array ?? []).compactMap(\.string)
        if let shift = seen["shift"].number, shift > Self.shiftMax {
            faults.append("it moves by \(shift): \((seen["moved"].array ?? []).compactMap(\.string))")
        }
        faults += try await PageAudit.faults(browser)
        faults += try await browser.contrastFaults().map(\.description)
        if looksAtNight {
            try await browser.setDark(true)
            faults += try await browser.contrastFaults().map { "by night: \($0)" }
            try await browser.setDark(false)
        }
        faults += try await browser.console().dropFirst(known)
            .filter { entry in
                ["SEVERE", "WARNING"].contains(entry.level) && !Self.expected.contains { entry.message.contains($0) }
            }.map(\.description)
        if faults.isEmpty { return }
        let picture = try await browser.saveScreenshot(
            named: "sweep-" + place.replacing("/", with: "-").replacing(" ", with: "-"), isWhole: true)
        Issue.record("\(place): \(faults)\n\(picture)")
    }

    /// Chromium asks an office far away where it is, which tests cut off; an organization without a join code has none to be read.
    private static let expected = ["Network location provider", "/join-code"]

    /// Notes what moves, and what the catalogues hold.
    private static let watching = """
        window.shifts = [];
        new PerformanceObserver(list => {
            for (const entry of list.getEntries()) if (!entry.hadRecentInput) shifts.push(entry);
        }).observe({ type: 'layout-shift', buffered: true });
        const main = document.querySelector('script[type=module]').src;
        const language = document.documentElement.lang.slice(0, 2);
        const imports = (await (await fetch(main)).text()).matchAll(/import\\(`([^`]+)`\\)/g);
        const files = Array.from(imports, found => new URL(found[1].replace('${language}', language), main));
        const texts = await Promise.all(files.map(file => import(file)));
        window.keys = new Set(texts.flatMap(text => Object.keys(text.default)).filter(key => key.includes('.')));
        """

    private static let looking = """
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        const faults = [];
        const main = document.querySelector('main');
        const isSeen = element => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
        const headings = Array.from(document.querySelectorAll('h1')).filter(isSeen);
        if (headings.length !== 1) faults.push('it has ' + headings.length + ' headings of the first level');
        const failed = Array.from(main.querySelectorAll('.state.failed, .state.forbidden')).filter(isSeen);
        for (const one of failed) faults.push('it fails: ' + one.innerText);
        if (keys.size < 100) faults.push('no catalogues were found');
        const said = [document.title, document.body.innerText];
        for (const element of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]'))
            for (const name of ['aria-label', 'placeholder', 'title', 'alt']) said.push(element.getAttribute(name) || '');
        const words = new Set(said.join(' ').split(/[\\s“”"'()（），。：:,;]+/).map(word => word.replace(/\\.$/, '')));
        for (const word of words) if (keys.has(word)) faults.push('it shows the key ' + word);
        for (const word of words) if (['undefined', 'null', 'NaN', '[object', 'Invalid'].includes(word)) faults.push('it shows ' + word);
        const short = node => !node ? '?' : node.nodeType === 3 ? '“' + node.data.trim().slice(0, 20) + '”'
            : node.localName + Array.from(node.classList || [], one => '.' + one).join('');
        return {
            faults, shift: shifts.reduce((sum, entry) => sum + entry.value, 0),
            moved: shifts.flatMap(entry => entry.sources.map(source => short(source.node) + ' from '
                + Math.round(source.previousRect.y) + ' to ' + Math.round(source.currentRect.y))),
        };
        """
}

extension BrowserSession {
    /// Lets this browser have a session that was opened elsewhere, by the cookies that a sign-in sets.
    func admit(_ page: PageSession, _ token: String, at address: String) async throws {
        for (name, value, isHidden) in [
            (page.cookieName, token, true), (page.crossSiteCookieName, PageSession.crossSiteToken(of: token), false),
        ] {
            try await devTools(
                "Network.setCookie",
                [
                    "url": .string(address), "name": .string(name), "value": .string(value), "httpOnly": .bool(isHidden),
                    "sameSite": "Strict",
                ])
        }
    }
}
