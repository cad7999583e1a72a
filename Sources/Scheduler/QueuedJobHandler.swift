/// How work of a kind is done: what a feature registers.
///
/// The body is run at least once, and may be cut at any moment and run again, perhaps on another server. So everything it leaves behind
/// stands in the transaction of `JobLease.complete`, which happens once. It runs on the global executor and may compute as long as it
/// likes, as long as it calls `progress` or `note` now and then to hear that it is no longer wanted.
package struct QueuedJobHandler: Sendable {
    package let kind: String
    package let attemptsMax: Int
    let body: @Sendable (JobLease) async throws -> Void

    /// - Parameters:
    ///   - kind: as it is enqueued: `program.run`.
    ///   - attemptsMax: after so many that failed the job is dead. One that a stopping server gives back does not count.
    ///   - body: what it throws fails the attempt; a `JobRefusal` ends the job. A body that returns without `complete` had no effect in
    ///     the database and is done, too.
    package init(_ kind: String, attemptsMax: Int = 5, _ body: @Sendable @escaping (JobLease) async throws -> Void) {
        precondition(attemptsMax >= 1, "a job is tried at least once")
        self.kind = kind
        self.attemptsMax = attemptsMax
        self.body = body
    }
}
