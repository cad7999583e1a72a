/// What a browser is when it opens.
package struct BrowserOptions: Hashable, Sendable {
    /// The browser's language: what pages see in `navigator.language`, and `Accept-Language`.
    package enum Language: String, Hashable, Sendable, CaseIterable {
        case chinese = "zh-CN"
        case english = "en-US"
    }

    /// The viewport in CSS pixels.
    package struct Size: Hashable, Sendable {
        package var width: Int
        package var height: Int

        package init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }
    }

    package var size: Size
    /// A phone: touch instead of a mouse, two device pixels to one of CSS, and pages' `viewport` is heeded.
    package var isPhone: Bool
    package var language: Language
    package var isDark: Bool
    /// A name of the time zone database.
    package var timeZone = "Asia/Shanghai"
    /// Nil for Chromium's own.
    package var userAgent: String?
    /// What the camera sees, which pages may then use without asking; nil for a browser without camera.
    package var camera: CameraPicture?

    /// A worker's phone, 360 x 780.
    package static func phone(_ language: Language = .chinese, isDark: Bool = false) -> BrowserOptions {
        BrowserOptions(size: Size(width: 360, height: 780), isPhone: true, language: language, isDark: isDark)
    }

    /// An organizer's desk, 1280 x 900.
    package static func desk(_ language: Language = .chinese, isDark: Bool = false) -> BrowserOptions {
        BrowserOptions(size: Size(width: 1280, height: 900), isPhone: false, language: language, isDark: isDark)
    }

    static func cameraFile(folder: String) -> String { folder + "/camera.y4m" }
    static func downloads(folder: String) -> String { folder + "/downloads" }

    /// What a browser is opened with (W3C WebDriver, section 7, and chromedriver's own). It runs as root and in containers, and can reach
    /// nothing beyond this machine.
    func capabilities(folder: String) -> ScriptValue {
        var arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio",
            "--no-first-run", "--disable-extensions", "--disable-sync", "--disable-background-networking", "--disable-component-update",
            "--disable-default-apps", "--disable-breakpad", "--disable-crash-reporter", "--disable-renderer-backgrounding",
            "--disable-backgrounding-occluded-windows", "--disable-features=Translate,MediaRouter,OptimizationHints",
            "--force-color-profile=srgb", "--password-store=basic",
            // So that a script may ask what screen readers are told.
            "--enable-blink-features=ComputedAccessibilityInfo", "--user-data-dir=\(folder)", "--window-size=1280,1000",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1", "--lang=\(language.rawValue)",
            "--accept-lang=\(language.rawValue)",
        ]
        if let userAgent { arguments.append("--user-agent=\(userAgent)") }
        if camera != nil {
            arguments += [
                "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                "--use-file-for-fake-video-capture=\(Self.cameraFile(folder: folder))",
            ]
        }
        let chromium: [String: ScriptValue] = [
            "binary": .string(DriverProcess.chromium), "args": .array(arguments.map { .string($0) }),
            "prefs": [
                "intl.accept_languages": .string(language.rawValue), "download.prompt_for_download": false,
                "download.default_directory": .string(Self.downloads(folder: folder)),
            ],
        ]
        return [
            "capabilities": [
                "alwaysMatch": [
                    "browserName": "chrome", "goog:chromeOptions": .object(chromium), "goog:loggingPrefs": ["browser": "ALL"],
                    "timeouts": ["script": 60_000, "pageLoad": 60_000, "implicit": 0], "unhandledPromptBehavior": "ignore",
                ]
            ]
        ]
    }
}
