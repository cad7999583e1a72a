import Runtime

/// What is counted of one route.
struct RouteFigures: Sendable {
    private let method: String
    private let template: String
    private let byClass = (1...5).map { _ in Counter() }
    private let seconds = Histogram(bounds: Histogram.seconds)

    init(method: String, template: String) {
        self.method = method
        self.template = template
    }

    /// Has all of them written at a scrape: two families, whose thousands of series stand nowhere before.
    static func publish(_ all: [RouteFigures], in metrics: Metrics) {
        metrics.add("waystation_http_requests_total", "Answered requests", "counter") { name, text in
            for figures in all {
                for (index, counter) in figures.byClass.enumerated() {
                    let labels = Metrics.text(["method": figures.method, "route": figures.template, "status": "\(index + 1)xx"])
                    text += "\(name)\(labels) \(counter.value)\n"
                }
            }
        }
        metrics.add("waystation_http_request_seconds", "From the request's head to its answer", "histogram") { name, text in
            for figures in all {
                figures.seconds.write(name, Metrics.text(["method": figures.method, "route": figures.template]), to: &text)
            }
        }
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
