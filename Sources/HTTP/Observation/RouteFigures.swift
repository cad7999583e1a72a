import Runtime

/// What is counted of one route.
struct RouteFigures: Sendable {
    private let byClass: [Counter]
    private let seconds: Histogram

    init(_ metrics: Metrics, method: String, template: String) {
        byClass = (1...5).map { digit in
            metrics.counter(
                "waystation_http_requests_total", "Answered requests",
                labels: ["method": method, "route": template, "status": "\(digit)xx"])
        }
        seconds = metrics.histogram(
            "waystation_http_request_seconds", "From the request's head to its answer", labels: ["method": method, "route": template])
    }

    func count(status: Int, duration: Duration) {
        byClass[min(max(status / 100, 1), 5) - 1].increment()
        seconds.observe(duration.secondsValue)
    }
}

/// A request that was answered, for the access log: the route's template, never the path, a query value or personal data.
package struct FinishedRequest: Sendable {
    package let method: Method

    /// The route's template, or "" where none matched.
    package let template: String
    package let status: Int
    package let duration: Duration
    package let requestID: String

    /// The trace of a well-formed `traceparent`.
    package let traceID: String?
    package let subject: String?

    /// The code of the problem document, if it is one.
    package let problemCode: String?
}
