import Browser
import Testing

@Suite struct ContrastTests {
    @Test func `ratios are those that others compute`() {
        let near = { (one: Double, other: Double) in abs(one - other) < 0.005 }
        let (black, white) = (Contrast.Color(0, 0, 0), Contrast.Color(255, 255, 255))
        #expect(near(Contrast.ratio(black, white), 21) && near(Contrast.ratio(white, black), 21))
        #expect(Contrast.ratio(white, white) == 1)
        // Known from WCAG's own examples: the lightest grey that passes on white, and the next, which does not.
        #expect(near(Contrast.ratio(Contrast.Color(118, 118, 118), white), 4.54))
        #expect(near(Contrast.ratio(Contrast.Color(119, 119, 119), white), 4.48))
        #expect(near(Contrast.ratio(Contrast.Color(255, 0, 0), white), 4.0))
        #expect(Contrast.least(pixels: 16, weight: 700) == 4.5 && Contrast.least(pixels: 18.66, weight: 700) == 3)
        #expect(Contrast.least(pixels: 23.9, weight: 400) == 4.5 && Contrast.least(pixels: 24, weight: 400) == 3)
    }

    private static let page = """
        <!doctype html><html lang="en"><title>Contrast</title><style>
        .fine { color: #767676 } .faint { color: #777 } .large { color: #888; font-size: 24px } .bold { color: #888; font: bold 19px serif }
        .night { background: #111 } .night p { color: #444 } .night .light { color: white } .half { color: rgb(0 0 0 / 50%) }
        .veil { opacity: 0.4 } .modern { color: oklch(0.8 0 0) } .hidden { display: none } input::placeholder { color: #aaa }
        .glass { background: rgb(0 0 0 / 80%); color: white } .glass span { background: #eee }
        </style><p class="fine">fine</p><p class="faint">faint</p><p class="large">large</p><p class="bold">bold</p>
        <div class="night"><p class="dim">dim</p><p class="light">light</p></div><p class="half">half</p>
        <div class="veil"><p class="veiled">veiled</p></div><p class="modern">modern</p><p class="hidden faint">hidden</p>
        <input placeholder="empty" aria-label="a"><button disabled class="faint">off</button>
        <div class="glass">glass <span class="bright">bright</span></div>
        """

    @Test func `text that is hard to read is found wherever its colours come from`() async throws {
        try await withBrowser(.desk(.english)) { browser in
            try await browser.go(to: address(ofPage: Self.page))
            let faults = try await browser.contrastFaults()
            #expect(
                faults.map(\.selector) == ["p.faint", "p.dim", "p.half", "p.veiled", "p.modern", "input", "span.bright"], "\(faults)")
            let faint = try #require(faults.first)
            #expect(faint.description == "p.faint “faint”: 4.47 instead of 4.5, rgb(119 119 119) on rgb(255 255 255)")
            #expect(faults.first { $0.selector == "p.dim" }?.background == Contrast.Color(17, 17, 17))
        }
    }

    @Test func `at night the browser's own background is dark`() async throws {
        let html = "<!doctype html><meta name='color-scheme' content='light dark'><p>plain<p class='blue' style='color: #00c'>blue"
        try await withBrowser(.phone(isDark: true)) { browser in
            try await browser.go(to: address(ofPage: html))
            let night = try await browser.contrastFaults()
            #expect(night.map(\.selector) == ["p.blue"])
            try await browser.setDark(false)
            let day = try await browser.contrastFaults()
            #expect(day == [])
        }
    }
}
