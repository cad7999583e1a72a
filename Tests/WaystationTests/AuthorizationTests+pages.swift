extension AuthorizationTests {
    private static let signedIn = everybody.subtracting([.nobody])

    /// The pages themselves are for everybody; what they show is asked for by calls of their own.
    static let pages: [String: Set<Caller>] = [
        "GET /": everybody,
        "GET /desk": everybody,
        "GET /device": everybody,
        "GET /service-worker.js": everybody,
        "GET /web/{version}/{folder}/{file}": everybody,
        "POST /v1/sign-out": signedIn,
        "POST /v1/qr": signedIn,
    ]
}
