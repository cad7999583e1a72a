/// Runs work that blocks (processes, files, key derivation) on a thread of its own and waits for it without holding up a loop or the
/// cooperative pool. A thread costs some 50 µs: for rare work only.
package func onThread<Value: Sendable>(name: String, _ work: @escaping @Sendable () -> Value) async -> Result<Value, SystemError> {
    await withCheckedContinuation { continuation in
        do throws(SystemError) {
            try startThread(name: name) { ready in
                ready()
                continuation.resume(returning: .success(work()))
            }
        } catch {
            continuation.resume(returning: .failure(error))
        }
    }
}
