import Synchronization

/// What surrounds a page: network, processor, size and light.
struct Conditions: Sendable {
    var size: BrowserOptions.Size?
    var isOffline = false
    var kilobits: Double?
    var latencyMilliseconds = 0
    var cpuSlowdown = 1.0
}

extension BrowserSession {
    /// A slow connection (for the page and the service workers that have begun) and a slow processor (for the page).
    /// - Parameters:
    ///   - kilobits: a second, in each direction; nil for as many as there are.
    ///   - latencyMilliseconds: from a request to the first byte of its answer.
    ///   - cpuSlowdown: how many times longer scripts and drawing take; 1 for as they are.
    package func throttle(kilobits: Double?, latencyMilliseconds: Int = 0, cpuSlowdown: Double = 1) async throws(BrowserError) {
        state.withLock { state in
            state.conditions.kilobits = kilobits
            state.conditions.latencyMilliseconds = latencyMilliseconds
            state.conditions.cpuSlowdown = cpuSlowdown
        }
        try await applyNetwork()
        try await devTools("Emulation.setCPUThrottlingRate", ["rate": .number(cpuSlowdown)])
    }

    /// Day or night: `prefers-color-scheme`.
    package func setDark(_ isDark: Bool) async throws(BrowserError) {
        state.withLock { $0.options.isDark = isDark }
        try await applyMedia()
    }

    /// Changes the viewport, in CSS pixels; a phone stays a phone.
    package func resize(width: Int, height: Int) async throws(BrowserError) {
        state.withLock { $0.conditions.size = BrowserOptions.Size(width: width, height: height) }
        try await applySize()
    }

    /// Makes the present window what this browser is.
    func prepareWindow() async throws(BrowserError) {
        let options = state.withLock { $0.options }
        try await devTools("Emulation.setTimezoneOverride", ["timezoneId": .string(options.timeZone)])
        try await devTools("Emulation.setLocaleOverride", ["locale": .string(options.language.rawValue)])
        try await applySize()
        try await applyMedia()
        let conditions = state.withLock { $0.conditions }
        if conditions.isOffline || conditions.kilobits != nil || conditions.latencyMilliseconds > 0 { try await applyNetwork() }
        if conditions.cpuSlowdown != 1 {
            try await devTools("Emulation.setCPUThrottlingRate", ["rate": .number(conditions.cpuSlowdown)])
        }
    }

    private func applySize() async throws(BrowserError) {
        let (options, changed) = state.withLock { ($0.options, $0.conditions.size) }
        let size = changed ?? options.size
        try await devTools(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": ScriptValue(size.width), "height": ScriptValue(size.height), "deviceScaleFactor": options.isPhone ? 2 : 1,
                "mobile": .bool(options.isPhone),
            ])
        // Not chromedriver's own emulation of phones, which sets its size again at each navigation.
        try await devTools(
            "Emulation.setTouchEmulationEnabled", ["enabled": .bool(options.isPhone), "maxTouchPoints": options.isPhone ? 5 : 1])
    }

    /// Without movement, so that a screenshot shows the end of it.
    private func applyMedia() async throws(BrowserError) {
        let scheme = state.withLock { $0.options.isDark } ? "dark" : "light"
        try await devTools(
            "Emulation.setEmulatedMedia",
            [
                "media": "",
                "features": [
                    ["name": "prefers-color-scheme", "value": .string(scheme)], ["name": "prefers-reduced-motion", "value": "reduce"],
                ],
            ])
    }
}
