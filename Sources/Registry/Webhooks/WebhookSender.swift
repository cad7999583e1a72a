import HTTPClient
import Runtime

/// Sends one receiver what is due, one after another on one connection. Blocks: for a thread.
struct WebhookSender: Sendable {
    let allowsPrivate: Bool
    let retry: WebhookRetry
    let clock: Clock

    static let sendLimit = Duration.seconds(10)
    /// After so long the rest is left to the next run, well before the lease of a minute ends.
    static let runLimit = Duration.seconds(30)
    private static let answerBytesMax = 4_096
    private static let answerBytesKept = 1_000

    /// What came of each, in order. Once the receiver could not be reached, nothing further is tried; once an event failed, nothing further
    /// of its subject.
    /// - Parameter stopped: asked between two; then what is left is not tried.
    func send(_ tasks: [WebhookTask], stopped: () -> Bool = { false }) -> [WebhookOutcome] {
        let start = MonotonicTime.current
        var client: HTTPClient?
        var outcomes: [WebhookOutcome] = []
        var isReachable = true
        var held: Set<String> = []
        for task in tasks {
            guard isReachable, !stopped(), !held.contains(task.subject), MonotonicTime.current - start < Self.runLimit else {
                held.insert(task.subject)
                outcomes.append(WebhookOutcome(task: task, result: .untried))
                continue
            }
            let outcome = send(task, &client)
            if outcome.rest != nil || outcome.result == .gone { isReachable = false }
            if case .again = outcome.result { held.insert(task.subject) }
            outcomes.append(outcome)
        }
        return outcomes
    }

    private func send(_ task: WebhookTask, _ client: inout HTTPClient?) -> WebhookOutcome {
        guard let target = WebhookEndpoint.Target(task.url, allowsPrivate: allowsPrivate) else {
            return failed(task, error: "the receiver's address is not allowed any more")
        }
        do throws(HTTPClientError) {
            let used: HTTPClient
            if let client { used = client } else { used = try open(target) }
            client = used
            let timestamp = clock.nowSeconds
            let signatures = task.secrets.map { $0.signature(id: task.webhookID, timestamp: timestamp, body: task.body) }
            let answer = try used.send(
                "POST", target.path,
                headers: [
                    ("Content-Type", "application/json"), ("webhook-id", task.webhookID), ("webhook-timestamp", "\(timestamp)"),
                    ("webhook-signature", signatures.joined(separator: " ")),
                ],
                body: task.body, deadline: Self.sendLimit, bodyLimit: .cut(beyondBytes: Self.answerBytesMax))
            return judged(task, answer)
        } catch {
            var outcome = failed(task, error: error.description)
            outcome.rest = retry.rest(afterFailures: task.endpointFailures + 1, chance: .random(in: 0...1))
            return outcome
        }
    }

    private func open(_ target: WebhookEndpoint.Target) throws(HTTPClientError) -> HTTPClient {
        try HTTPClient(baseURL: target.base, connectTimeout: .seconds(5), reach: allowsPrivate ? .anywhere : .publicOnly)
    }

    private func judged(_ task: WebhookTask, _ answer: HTTPClientResponse) -> WebhookOutcome {
        var outcome: WebhookOutcome
        switch answer.status {
        case 200...299: outcome = WebhookOutcome(task: task, result: .delivered)
        case 410: outcome = WebhookOutcome(task: task, result: .gone)
        default:
            let asked = answer.header("Retry-After").flatMap { Int64($0) }.flatMap { $0 >= 0 ? Duration.seconds(min($0, 86_400)) : nil }
            outcome = failed(task, error: nil, asked: asked)
        }
        outcome.status = answer.status
        // A receiver may repeat what it was sent.
        if !task.isSealed {
            outcome.answer = String(decoding: answer.body.prefix(Self.answerBytesKept).filter { $0 != 0 }, as: UTF8.self)
        }
        return outcome
    }

    private func failed(_ task: WebhookTask, error: String?, asked: Duration? = nil) -> WebhookOutcome {
        let delay = retry.delay(
            afterAttempts: task.attempts + 1, expires: task.expires, chance: .random(in: 0...1), asked: asked)
        return WebhookOutcome(task: task, result: delay.map { .again($0) } ?? .dead, error: error)
    }
}
