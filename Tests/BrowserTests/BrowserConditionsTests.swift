import Browser
import FoundationEssentials
import MemberCode
import Testing

/// What surrounds a page: size, light, language, network; and what is seen of it.
@Suite struct BrowserConditionsTests {
    private let facts = """
        return [innerWidth, innerHeight, navigator.language, new Intl.DateTimeFormat().resolvedOptions().timeZone,
            matchMedia('(prefers-color-scheme: dark)').matches, matchMedia('(pointer: coarse)').matches, devicePixelRatio,
            new Intl.DateTimeFormat().resolvedOptions().locale]
        """
    private let page = address(ofPage: "<!doctype html><meta name=viewport content='width=device-width'><p>驿站")

    @Test func `a phone and a desk have their sizes, languages and light, in every window`() async throws {
        try await withBrowser(.phone(.chinese, isDark: true)) { browser in
            try await browser.go(to: page)
            #expect(try await browser.run(facts) == [360, 780, "zh-CN", "Asia/Shanghai", true, true, 2, "zh-CN"])
            try await browser.setDark(false)
            try await browser.resize(width: 412, height: 900)
            let changed: ScriptValue = [412, 900, "zh-CN", "Asia/Shanghai", false, true, 2, "zh-CN"]
            #expect(try await browser.run(facts) == changed)
            try await browser.go(to: page + "<p>")
            let later = try await browser.run(facts)
            #expect(later == changed)
            try await browser.run("document.body.onclick = event => { document.title = event.pointerType + event.target.localName }")
            try await browser.find("p").tap()
            try await browser.waitUntil("document.title === 'touchp'")
        }
        try await withBrowser(.desk(.english)) { browser in
            let first = try await browser.window()
            try await browser.go(to: page)
            let expected: ScriptValue = [1280, 900, "en-US", "Asia/Shanghai", false, false, 1, "en-US"]
            #expect(try await browser.run(facts) == expected)
            try await browser.setDark(true)
            try await browser.resize(width: 360, height: 500)
            let second = try await browser.newWindow()
            try await browser.go(to: page)
            let changed: ScriptValue = [360, 500, "en-US", "Asia/Shanghai", true, false, 1, "en-US"]
            #expect(try await browser.run(facts) == changed)
            #expect(try await browser.windows() == [first, second])
            try await browser.closeWindow()
            #expect(try await browser.window() == first)
            #expect(try await browser.run(facts) == changed)
            try await browser.closeWindow()
            #expect(try await browser.url() == "about:blank")
        }
    }

    @Test func `what the camera sees is a code that others read`() async throws {
        let code = try QRCode("WS1:ABCDEFGH23456789")
        var options = BrowserOptions.phone()
        let border = 4
        options.camera = CameraPicture(side: code.side + 2 * border) { code[$0 - border, $1 - border] }
        try await PageServer.serve { address in
            try await withBrowser(options) { browser in
                try await browser.go(to: address + "/")
                try await browser.runAsync(
                    """
                    const video = document.body.appendChild(document.createElement('video'));
                    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
                    video.style.width = '100%';
                    await video.play();
                    """)
                try await browser.waitUntil("document.querySelector('video').currentTime > 0.2")
                try await browser.saveScreenshot(named: "browser-camera")
                let read = try await QRReader.read(png: try await browser.find("video").screenshot())
                #expect(read == ["WS1:ABCDEFGH23456789"])
            }
        }
    }

    @Test func `a page without network, and its service worker too, and with it again`() async throws {
        try await PageServer.serve { address in
            try await withBrowser(.phone()) { browser in
                try await browser.go(to: address + "/")
                func fetched() async throws -> String {
                    try await browser.run("document.getElementById('net').textContent = ''")
                    try await browser.find("#fetch").click()
                    return try await browser.waitUntil("document.getElementById('net').textContent").string ?? ""
                }
                #expect(try await fetched() == "came")
                try await browser.setOffline(true)
                #expect(try await fetched() == "failed")
                #expect(try await browser.run("return navigator.onLine") == false)
                try await browser.setOffline(false)
                #expect(try await fetched() == "came")
                #expect(try await browser.run("return navigator.onLine") == true)

                try await browser.runAsync(
                    """
                    const policy = trustedTypes.createPolicy('test', { createScriptURL: text => text });
                    await navigator.serviceWorker.register(policy.createScriptURL('/worker.js'));
                    """)
                try await browser.waitUntil("navigator.serviceWorker.controller")
                #expect(try await fetched() == "came")
                try await browser.setOffline(true)
                #expect(try await fetched() == "kept")
                try await browser.setOffline(false)
                #expect(try await fetched() == "came")
            }
        }
    }

    @Test func `a slow connection takes its time`() async throws {
        try await PageServer.serve { address in
            try await withBrowser(.phone()) { browser in
                try await browser.throttle(kilobits: 400, latencyMilliseconds: 300, cpuSlowdown: 2)
                try await browser.go(to: address + "/")
                let duration = "const entry = performance.getEntriesByType('navigation')[0]; return entry.duration"
                #expect(try await browser.run(duration).number ?? 0 >= 300)
                // A busy machine may be slow by itself for a while, but not for ever.
                try await browser.throttle(kilobits: nil)
                var loads = 0
                repeat {
                    try await browser.reload()
                    loads += 1
                } while try await browser.run(duration).number ?? 300 >= 300 && loads < 1000
                #expect(loads < 1000, "no load was quicker than the slow connection's wait alone")
            }
        }
    }

    @Test func `a code on the screen is read back from its picture, by day and by night`() async throws {
        let text = "WS1:ABCDEFGH23456789"
        let svg = try QRCode(text).svg(title: "码")
        try await withBrowser(.phone()) { browser in
            try await browser.go(to: address(ofPage: "<!doctype html><style>svg { width: 300px }</style><h1>码</h1>" + svg))
            #expect(try await QRReader.read(png: browser.screenshot()) == [text])
            try await browser.setDark(true)
            #expect(try await QRReader.read(png: browser.fullScreenshot()) == [text])
            #expect(try await QRReader.read(png: browser.find("svg").screenshot()) == [text])
            #expect(try await QRReader.read(png: browser.find("h1").screenshot()) == [])
            let path = try await browser.saveScreenshot(named: "browser-test")
            #expect(path.hasSuffix("/.build/screens/browser-test.png") && FileManager.default.fileExists(atPath: path))
        }
    }
}
