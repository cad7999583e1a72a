import HTTP
import Runtime

/// A small API with one route of each sort.
struct Note: Codable, Sendable, Equatable, APIType {
    var text: String
    var count: Int64
    static let schema = Schema.object("Note", "A note", [.required("text", .string(1...10)), .required("count", .integer(1...100))])
}

enum SampleKind: String, ParameterValue { case small, large }

struct SecretError: Error { let password = "hunter2" }

struct SoldOut: ProblemRepresentable {
    var problem: Problem {
        Problem(SampleAPI.soldOut, violations: [Violation("shop.none_left", zh: "没有了", en: "None is left")], retryAfterSeconds: 7)
    }
}

enum SampleAPI {
    static let soldOut = ProblemType("shop.sold_out", 409, zh: "已售完", en: "Sold out", retryable: true)
    static let token = "wso_test"

    /// How many silent streams were told to end.
    static let ticksEnded = Counter()

    static func make(finished: (@Sendable (FinishedRequest) -> Void)? = nil, metrics: Metrics = Metrics(), ready: [String] = []) -> API {
        API(
            routes: routes,
            authenticator: FixedAuthenticator([
                token: TestPrincipal(subject: "owner:1", permissions: ["notes.create"]),
                "wsd_other": TestPrincipal(subject: "device:2", permissions: []),
            ]), metrics: metrics, isReady: { ready }, onRequestFinished: finished)
    }

    private static let routes: [Route] = [
        Route(
            .post, "/v1/notes", summary: "Creates a note", tag: "Notes", access: .permission("notes.create"),
            parameters: [.header("Idempotency-Key", .string(1...20), "Names the call")], body: .json(Note.self, limitBytes: 200),
            responses: [.json(201, Note.self, "The note")]
        ) { request in
            .json(try request.json(Note.self), status: 201).with("Location", "/v1/notes/1")
        },
        Route(
            .get, "/v1/notes/{id}", summary: "Gives a note", tag: "Notes", access: .authenticated,
            parameters: [
                .path("id", .id, "The note"), .query("kind", .oneOf(["small", "large"]), "Its kind"),
                .query("limit", .integer(1...9), "Limit"),
            ],
            responses: [.json(200, Note.self, "The note")]
        ) { request in
            let id = request.parameter("id", as: ID<Note>.self)
            let kind = request.optionalParameter("kind", as: SampleKind.self)
            return .json(Note(text: kind?.rawValue ?? "none", count: id.rawValue))
        },
        Route(.get, "/v1/notes/latest", summary: "The newest", access: .anyone, responses: [.text(200, "Text")]) { _ in .text("latest") },
        Route(
            .get, "/v1/words/{word}/echo", summary: "Echoes", access: .anyone, parameters: [.path("word", .string(1...10), "A word")],
            responses: [.text(200, "The word")]
        ) { request in .text(request.parameter("word")) },
        Route(
            .get, "/v1/search", summary: "Searches", access: .anyone,
            parameters: [.query("q", .string(1...10), "Words", required: true), .query("exact", .boolean, "Exactly")],
            responses: [.text(200, "What was asked")]
        ) { request in
            .text("\(request.parameter("q", as: String.self))|\(request.optionalParameter("exact", as: Bool.self).map(String.init) ?? "-")")
        },
        Route(.get, "/v1/broken", summary: "Fails", access: .anyone, responses: [.empty(204, "Never")]) { _ in throw SecretError() },
        Route(
            .delete, "/v1/stock", summary: "Buys", access: .anyone, responses: [.empty(204, "Bought")], problems: [soldOut]
        ) { _ in throw SoldOut() },
        Route(
            .post, "/v1/upload", summary: "Counts bytes", access: .anyone, body: .stream(["text/csv"], limitBytes: 3_000_000),
            responses: [.text(200, "The count")]
        ) { request in
            var count = 0
            while let piece = try await request.stream.next() { count += piece.count }
            return .text("\(count)")
        },
        Route(.get, "/v1/download", summary: "Many bytes", access: .anyone, responses: [.bytes(200, ["text/csv"], "Bytes")]) { _ in
            .stream(contentType: "text/csv") { writer in
                for _ in 0..<100 { try await writer.write([UInt8](repeating: 0x61, count: 30_000)) }
            }
        },
        Route(.get, "/v1/cut", summary: "Breaks off", access: .anyone, responses: [.bytes(200, ["text/csv"], "Bytes")]) { _ in
            .stream(contentType: "text/csv") { writer in
                try await writer.write("begun")
                throw SecretError()
            }
        },
        Route(.get, "/v1/events", summary: "Three events", access: .anyone, responses: [.events("Events")]) { _ in
            .events { events in
                for number in 1...3 { try await events.send(ServerSentEvent(event: "tick", data: "a\nb", id: "\(number)")) }
            }
        },
        Route(.get, "/v1/ticks", summary: "An event, then silence", access: .anyone, responses: [.events("Events")]) { _ in
            .events { events in
                try await events.send(ServerSentEvent(data: "first"))
                defer { ticksEnded.increment() }
                try await Task.sleep(for: .seconds(3_600))
            }
        },
    ]
}
