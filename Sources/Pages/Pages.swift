package import HTTP

/// The three applications as files: `/` for a worker's phone, `/desk` for an organizer's desk, `/device` for a tablet at a door or counter.
///
/// They are plain HTML, CSS and JavaScript modules in `web`, embedded by a plugin, and know the service by its API alone. Nothing is loaded
/// from elsewhere and no script stands inline: the policy below forbids both, and forbids as well to make markup from text (trusted types).
/// A page brings its styles and the first words along, so that it can be read and typed into before any script came (`FirstPage`).
/// What has the version in its address is kept by browsers for ever; the pages themselves and the service worker are asked for each time.
package struct Pages: Sendable {
    package let routes: [Route]

    package init() {
        let shelf = PageShelf(pageFiles)
        let kinds = ["text/css", "text/javascript", "image/svg+xml", "application/manifest+json"]
        routes = [
            FirstPage(.worker, shelf).route("/", "A worker's page"),
            FirstPage(.desk, shelf).route("/desk", "An organizer's page"),
            FirstPage(.device, shelf).route("/device", "The page of a tablet at a door or counter"),
            .immediate(
                .get, "/service-worker.js", summary: "What keeps the worker's and the device's page open without network", tag: "Pages",
                responses: [.bytes(200, ["text/javascript"], "The script"), Pages.known]
            ) { request in shelf.answer("worker/service-worker.js", request).with("Cache-Control", "no-cache") },
            .immediate(
                .get, "/web/{version}/{folder}/{file}", summary: "A style, a script or a picture of the pages", tag: "Pages",
                parameters: [
                    .path("version", .string(1...40), "Of all files together"),
                    .path("folder", .oneOf(["shared", "worker", "desk", "device"]), "Which page's"),
                    .path("file", .string(1...60), "Its name"),
                ],
                responses: [.bytes(200, kinds, "The file"), Pages.known]
            ) { request in
                let path = request.parameter("folder", as: String.self) + "/" + request.parameter("file", as: String.self)
                // A page itself comes with its policy, under its own address.
                if path.hasSuffix(".html") { return .problem(Problem(HTTPProblem.notFound)) }
                let response = shelf.answer(path, request)
                if response.status >= 400 { return response }
                // An old page may ask for what was replaced since: it gets what there is, and does not keep it.
                let isCurrent = request.parameter("version", as: String.self) == pagesVersion
                return response.with("Cache-Control", isCurrent ? "public, max-age=31536000, immutable" : "no-cache")
            },
        ]
    }

    static let known = ResponseDeclaration.empty(304, "The client has it already")
}
