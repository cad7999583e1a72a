import Postgres
import Runtime
import Synchronization

/// Gives tablets that were paired with the demo's codes their place: the first door, the first venue, the first room. Elsewhere an organizer
/// does that.
final class DemoTablets: Service {
    let name = "demo tablets"

    /// How the names of such devices begin.
    static let prefix = "demo tablet: "

    private let store: DemoTabletStore
    private let log: Log
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(_ house: House) {
        store = DemoTabletStore(database: house.database)
        log = house.log
    }

    func start() {
        task.withLock { $0 = Task { await self.watch() } }
    }

    func stop(grace: Duration) async {
        let running = task.withLock { $0 }
        running?.cancel()
        await running?.value
    }

    private func watch() async {
        while !Task.isCancelled {
            do {
                try await store.place()
                try await Task.sleep(for: .seconds(1))
            } catch is CancellationError {
                return
            } catch {
                log.warning("demo.tablets", ["error": .text(String(describing: error))])
                do { try await Task.sleep(for: .seconds(5)) } catch { return }
            }
        }
    }
}
