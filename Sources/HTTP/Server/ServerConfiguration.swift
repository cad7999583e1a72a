extension HTTPServer {
    /// Where a server listens and how much it bears.
    package struct Configuration: Sendable {
        /// An IPv4 or IPv6 address, or `localhost`.
        package var host: String

        /// 0 takes a free one; see `HTTPServer.port`.
        package var port: UInt16

        /// Connections of all loops together; further ones are answered 503 and closed.
        package var connectionsMax: Int
        package var limits = ParserLimits.standard
        package var timeLimits = TimeLimits()

        package init(host: String = "0.0.0.0", port: UInt16 = 8080, connectionsMax: Int = 20_000) {
            self.host = host
            self.port = port
            self.connectionsMax = connectionsMax
        }
    }

    /// How long a client may take. The rates keep a client from stretching them with a byte now and then.
    package struct TimeLimits: Sendable {
        /// From the first byte of a request to the end of its header fields.
        package var header = Duration.seconds(10)

        /// Between two requests, and before the first one.
        package var idle = Duration.seconds(60)

        /// For a body: this long, plus what `bytesPerSecondMin` gives for the bytes that came.
        package var body = Duration.seconds(10)

        /// For an answer: this long, plus what `bytesPerSecondMin` gives for the bytes that went.
        package var write = Duration.seconds(10)
        package var bytesPerSecondMin = 1_024

        /// After a refusal, for the client to read it while its own bytes are thrown away.
        package var linger = Duration.seconds(2)

        /// Between two comments of an event stream.
        package var heartbeat = Duration.seconds(15)

        package init() {}

        func allowance(_ base: Duration, bytes: Int) -> Duration {
            base + .nanoseconds(Int64(bytes) * 1_000_000_000 / Int64(max(1, bytesPerSecondMin)))
        }
    }
}
