import FoundationEssentials
import Synchronization

extension BrowserSession {
    /// Cuts the network of the page and of its service workers, or gives it back; `navigator.onLine` follows. Another window is told when
    /// it is switched to, a service worker registered later by the next call.
    package func setOffline(_ isOffline: Bool) async throws(BrowserError) {
        state.withLock { $0.conditions.isOffline = isOffline }
        try await applyNetwork()
    }

    func applyNetwork() async throws(BrowserError) {
        let conditions = state.withLock { $0.conditions }
        let bytes = conditions.kilobits.map { $0 * 125 } ?? -1
        let network: ScriptValue = [
            "offline": .bool(conditions.isOffline), "latency": ScriptValue(conditions.latencyMilliseconds),
            "downloadThroughput": .number(bytes), "uploadThroughput": .number(bytes),
        ]
        try await devTools("Network.enable")
        try await devTools("Network.emulateNetworkConditions", network)
        // What a service worker fetches is none of its page's requests: each one is told by itself, and has to run to be told.
        try await startServiceWorkers()
        for worker in try await serviceWorkers() {
            try await tell(worker, "Network.enable", [:])
            try await tell(worker, "Network.emulateNetworkConditions", network)
        }
    }

    private func startServiceWorkers() async throws(BrowserError) {
        let scopes = try await runAsync(
            """
            if (!navigator.serviceWorker) return [];
            const registrations = await navigator.serviceWorker.getRegistrations().catch(() => []);
            return registrations.filter(one => one.active).map(one => one.scope);
            """)
        let found = scopes.array ?? []
        if found.isEmpty { return }
        try await devTools("ServiceWorker.enable")
        for scope in found { try await devTools("ServiceWorker.startWorker", ["scopeURL": scope]) }
    }

    /// The sessions of the service workers that run. One stays attached to a worker, which also keeps it from being stopped as idle.
    private func serviceWorkers() async throws(BrowserError) -> [String] {
        var sessions: [String] = []
        for target in try await devTools("Target.getTargets")["targetInfos"].array ?? [] where target["type"] == "service_worker" {
            guard let id = target["targetId"].string else { continue }
            if let known = state.withLock({ $0.workers[id] }) {
                sessions.append(known)
            } else if let new = try await devTools("Target.attachToTarget", ["targetId": .string(id), "flatten": false])["sessionId"].string
            {
                state.withLock { $0.workers[id] = new }
                sessions.append(new)
            }
        }
        return sessions
    }

    private func tell(_ session: String, _ name: String, _ parameters: ScriptValue) async throws(BrowserError) {
        let message: ScriptValue = ["id": 1, "method": .string(name), "params": parameters]
        let text: String
        do {
            text = String(decoding: try JSONEncoder().encode(message), as: UTF8.self)
        } catch {
            throw .unexpectedAnswer("\(error)")
        }
        try await devTools("Target.sendMessageToTarget", ["sessionId": .string(session), "message": .string(text)])
    }
}
