import Browser
import Testing

/// Every rule of the audit finds its fault, and a page without faults has none.
@Suite struct PageAuditTests {
    private static let sound = """
        <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sound</title>
        <style>button, select, input, textarea { min-width: 44px; min-height: 44px }</style>
        <main><h1>One</h1><h2>Two</h2><h3>Three</h3><h2>Two again</h2>
        <p>A sentence with <a href="#x">a link</a> in it.</p><p><button>Send</button> <button aria-label="Close">x</button></p>
        <label>Name <input></label> <label for="kind">Kind</label> <select id="kind"><option>a</select>
        <label style="display: block; height: 30px"><input type="checkbox"> I agree</label><textarea aria-label="Words"></textarea>
        <img alt="" src="data:,"><img alt="A house" src="data:,"><svg aria-hidden="true" width="9" height="9"></svg>
        <svg role="img" aria-label="Arrow" width="9" height="9"></svg><button><svg aria-hidden="true"></svg> Go</button></main></html>
        """

    @Test func `a sound page has no fault, on a phone as on a desk`() async throws {
        for options in [BrowserOptions.phone(.english), .desk(.english)] {
            try await withBrowser(options) { browser in
                try await browser.go(to: address(ofPage: Self.sound))
                let faults = try await PageAudit.faults(browser)
                #expect(faults == [])
                let contrast = try await browser.contrastFaults()
                #expect(contrast == [])
            }
        }
    }

    /// What is put into the sound page, and what is said of it.
    private static let violations: [(html: String, fault: String)] = [
        ("<button></button>", "<button> has no accessible name"),
        ("<button><span aria-hidden='true'>mute</span></button>", "<button> has no accessible name"),
        ("<button><span hidden>mute</span></button>", "<button> has no accessible name"),
        ("<button aria-label=' '></button>", "has no accessible name"),
        ("<input id='bare'>", "<input id=\"bare\"> has no accessible name"),
        ("<input type='date'>", "<input type=\"date\"> has no accessible name"),
        ("<input type='password'>", "<input type=\"password\"> has no accessible name"),
        ("<select style='width: 50px'><option>b</select>", "has no accessible name"),
        ("<textarea></textarea>", "<textarea> has no accessible name"),
        (
            "<input type='checkbox'>",
            "<input type=\"checkbox\"> has no accessible name"
        ),
        ("<a href='#y' style='display: block; height: 30px'></a>", "has no accessible name"),
        ("<p id='twice'></p><p id='twice'></p>", "the id twice stands 2 times"),
        ("<label for='nobody'>Who</label>", "<label> names nobody in for, which is not there"),
        ("<h5>Deep</h5>", "the heading “Deep” has level 5 after 2"),
        ("<div role='heading' aria-level='6'>Deeper</div>", "has level 6 after 2"),
        ("<img src='data:,' width='30' height='30'>", "<img> has neither a text alternative nor aria-hidden"),
        ("<svg class='bare' width='30' height='30'></svg>", "<svg.bare> has neither a text alternative nor aria-hidden"),
        ("<button style='min-width: 0; min-height: 0; width: 20px; height: 40px; padding: 0'>i</button>", "<button> “i” is 20 x 40 px"),
        ("<a href='#z' style='font-size: 10px; display: inline-block'>more</a>", "24 x 24 is the least"),
        ("<div class='wide' style='width: 2000px'>wide</div>", "<div.wide> sticks out"),
    ]

    @Test func `each rule finds what breaks it, and only that`() async throws {
        try await withBrowser(.desk(.english)) { browser in
            for (html, fault) in Self.violations {
                let page = Self.sound.split(separator: "</main>").joined(separator: html + "</main>")
                try await browser.go(to: address(ofPage: page))
                let faults = try await PageAudit.faults(browser)
                #expect(faults.count == 1 && faults.first?.contains(fault) == true, "\(html): \(faults)")
            }
            try await browser.go(
                to: address(ofPage: "<!doctype html><meta name=viewport content='width=device-width, user-scalable=no'><h1>Bare</h1>"))
            let faults = try await PageAudit.faults(browser)
            #expect(faults == ["html has no lang", "the document has no title", "the viewport forbids zooming"])
        }
    }
}
