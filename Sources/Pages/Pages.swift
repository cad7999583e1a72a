package import HTTP

/// The three applications as files: `/` for a worker's phone, `/desk` for an organizer's desk, `/device` for a tablet at a door or counter.
///
/// They are plain HTML, CSS and JavaScript modules in `web`, embedded by a plugin, and know the service by its API alone. Nothing is loaded
/// from elsewhere and nothing stands inline: the policy below forbids both, and forbids as well to make markup from text (trusted types).
/// What has the version in its address is kept by browsers for ever; the pages themselves and the service worker are asked for each time.
package struct Pages: Sendable {
    package let routes: [Route]

    /// What browsers are told of every page: scripts, styles and calls of this origin only, no frames around it.
    static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:", "connect-src 'self'",
        "manifest-src 'self'", "worker-src 'self'", "media-src 'self' blob:", "frame-ancestors 'none'", "base-uri 'none'",
        "form-action 'none'", "require-trusted-types-for 'script'", "trusted-types waystation",
    ].joined(separator: "; ")

    package init() {
        let shelf = PageShelf(pageFiles)
        let kinds = ["text/css", "text/javascript", "image/svg+xml", "application/manifest+json"]
        routes = [
            Self.page("/", "worker/index.html", "A worker's page", shelf),
            Self.page("/desk", "desk/index.html", "An organizer's page", shelf),
            Self.page("/device", "device/index.html", "The page of a tablet at a door or counter", shelf),
            .immediate(
                .get, "/service-worker.js", summary: "What keeps the worker's and the device's page open without network", tag: "Pages",
                responses: [.bytes(200, ["text/javascript"], "The script"), Self.known]
            ) { request in shelf.answer("worker/service-worker.js", request).with("Cache-Control", "no-cache") },
            .immediate(
                .get, "/web/{version}/{folder}/{file}", summary: "A style, a script or a picture of the pages", tag: "Pages",
                parameters: [
                    .path("version", .string(1...40), "Of all files together"),
                    .path("folder", .oneOf(["shared", "worker", "desk", "device"]), "Which page's"),
                    .path("file", .string(1...60), "Its name"),
                ],
                responses: [.bytes(200, kinds, "The file"), Self.known]
            ) { request in
                let path = request.parameter("folder", as: String.self) + "/" + request.parameter("file", as: String.self)
                // An old page may ask for what was replaced since: it gets what there is, and does not keep it.
                let isCurrent = request.parameter("version", as: String.self) == pagesVersion
                return shelf.answer(path, request).with("Cache-Control", isCurrent ? "public, max-age=31536000, immutable" : "no-cache")
            },
        ]
    }

    private static let known = ResponseDeclaration.empty(304, "The client has it already")

    private static func page(_ template: String, _ path: String, _ summary: String, _ shelf: PageShelf) -> Route {
        Route.immediate(
            .get, template, summary: summary, tag: "Pages", responses: [.bytes(200, ["text/html"], "The page"), known]
        ) { request in
            shelf.answer(path, request).with("Cache-Control", "no-cache").with("Content-Security-Policy", policy)
                .with("X-Frame-Options", "DENY").with("Cross-Origin-Opener-Policy", "same-origin")
                .with("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(), payment=()")
        }.withAnyQuery()
    }
}
