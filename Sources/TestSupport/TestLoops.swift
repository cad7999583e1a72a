package import Runtime

/// The event loops that tests share: two, as on a small machine.
package enum TestLoops {
    package static let all: [EventLoop] = ["test-0", "test-1"].map { name in
        do throws(SystemError) { return try EventLoop.start(name: name) } catch { preconditionFailure("no event loop: \(error)") }
    }

    /// Runs `body` as a task of a loop, as a request's handler runs.
    package static func run<Value: Sendable>(on loop: EventLoop = all[0], _ body: @escaping @Sendable () async throws -> Value) async throws
        -> Value
    {
        try await Task(executorPreference: loop) { try await body() }.value
    }
}
