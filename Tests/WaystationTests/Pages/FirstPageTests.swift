import Browser
import HTTP
import Testing

/// What the pages bring along before any script ran.
struct FirstPageTests {
    @Test(arguments: [BrowserOptions.phone(.chinese), .desk(.english, isDark: true)])
    func `a page can be read and typed into before any script came`(_ options: BrowserOptions) async throws {
        try await withPages { scene in
            try await withBrowser(options) { browser in
                try await browser.devTools("Network.enable")
                try await browser.devTools("Network.setBlockedURLs", ["urls": .array([.string("*/web/*.js")])])
                for (path, field) in [("/", "phone"), ("/desk", "name"), ("/device", "pairingCode")] {
                    try await browser.go(to: scene.address + path)
                    try await browser.find("form.early [name=\(field)]").type("138")
                    #expect(try await PageAudit.faults(browser) == [], "\(path)")
                    let contrast = try await browser.contrastFaults()
                    #expect(contrast.isEmpty, "\(path): \(contrast.map(\.description))")
                    try await browser.press(.enter)
                    #expect(try await browser.url() == scene.address + path, "nothing is sent before the page is alive")
                }
            }
        }
    }

    @Test func `what was typed before the page came to life stays, and so does the cursor`() async throws {
        try await withPages { scene in
            try await withBrowser(.phone(.chinese)) { browser in
                let typing = """
                    new MutationObserver((changes, observer) => {
                      const field = document.querySelector('form.early input');
                      if (!field) return;
                      observer.disconnect();
                      field.focus();
                      field.value = '1381';
                    }).observe(document, {subtree: true, childList: true});
                    """
                try await browser.devTools("Page.addScriptToEvaluateOnNewDocument", ["source": .string(typing)])
                for (path, field) in [("/", "phone"), ("/desk", "name"), ("/device", "pairingCode")] {
                    try await browser.go(to: scene.address + path)
                    try await scene.settled(browser)
                    try await browser.type("2345")
                    let typed = try await browser.find("form:not(.early) [name=\(field)]").property("value").string
                    #expect(typed == "13812345", "\(path)")
                }
            }
        }
    }
}
