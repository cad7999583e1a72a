/// `/openapi.json`: OpenAPI 3.1, generated from the routes that serve.
///
/// Problems stand once among the components and routes refer to them: written out at each route they were 70 % of a document of 1.5 MB,
/// which every server keeps in memory.
enum OpenAPI {
    /// What routes share.
    private struct Shared {
        var schemas: [String: JSONTree] = [:]
        var responses: [String: JSONTree] = [:]
        private var names: [[ProblemType]: String] = [:]

        /// A reference to the answer that stands for problems of one status: `404-1` is the first such answer met.
        mutating func reference(_ problems: [ProblemType]) -> JSONTree {
            let name: String
            if let known = names[problems] {
                name = known
            } else {
                let status = problems[0].status
                name = "\(status)-\(names.keys.count { $0[0].status == status } + 1)"
                names[problems] = name
                responses[name] = OpenAPI.problem(problems)
            }
            return .object([("$ref", .string("#/components/responses/" + name))])
        }
    }

    static func document(routes: [Route], title: String, version: String) -> [UInt8] {
        var shared = Shared()
        _ = ProblemDocument.schema.openAPI(&shared.schemas)
        var paths: [String: [String: JSONTree]] = [:]
        for route in routes {
            paths[route.template, default: [:]][route.method.rawValue.lowercased()] = operation(route, &shared)
        }
        let tags = Set(routes.map(\.tag).filter { !$0.isEmpty }).sorted()
        let document: JSONTree = .object([
            ("openapi", "3.1.0"),
            ("info", .object([("title", .string(title)), ("version", .string(version))])),
            ("servers", .array([.object([("url", "/")])])),
            ("tags", .array(tags.map { .object([("name", .string($0))]) })),
            ("paths", .sorted(paths.mapValues { .sorted($0) })),
            (
                "components",
                .object([
                    ("schemas", .sorted(shared.schemas)),
                    ("responses", .sorted(shared.responses)),
                    (
                        "securitySchemes",
                        .object([("bearer", .object([("type", "http"), ("scheme", "bearer")]))])
                    ),
                ])
            ),
        ])
        return document.encoded
    }

    private static func operation(_ route: Route, _ shared: inout Shared) -> JSONTree {
        var members: [(String, JSONTree)] = [
            ("operationId", .string(operationID(route))),
            ("summary", .string(route.summary)),
            ("security", route.access == .anyone ? .array([]) : .array([.object([("bearer", .array([]))])])),
        ]
        if !route.tag.isEmpty { members.append(("tags", .array([.string(route.tag)]))) }
        if case .permission(let permission) = route.access { members.append(("x-permission", .string(permission.rawValue))) }
        if !route.parameters.isEmpty {
            members.append(("parameters", .array(route.parameters.map { parameter($0, &shared.schemas) })))
        }
        if !route.body.contentTypes.isEmpty {
            var schema: JSONTree = .object([])
            if case .json(let declared) = route.body.kind { schema = declared.openAPI(&shared.schemas) }
            let plainText = route.body.plainText?.openAPI(&shared.schemas)
            let content = route.body.contentTypes.map { type in
                (type, JSONTree.object([("schema", type == MediaType.plainText ? plainText ?? schema : schema)]))
            }
            members.append(
                (
                    "requestBody",
                    .object([
                        ("required", .bool(true)), ("content", .object(content)),
                        ("description", .string("At most \(route.body.limitBytes) bytes")),
                    ])
                ))
        }
        members.append(("responses", responses(route, &shared)))
        return .object(members)
    }

    /// `POST /v1/members/{id}/code` is `postMembersByIdCode`.
    private static func operationID(_ route: Route) -> String {
        var name = route.method.rawValue.lowercased()
        for segment in route.template.split(separator: "/") where segment != "v1" {
            var word = segment.hasPrefix("{") ? "By" : ""
            var isStart = true
            for character in segment {
                guard character.isLetter || character.isNumber else {
                    isStart = true
                    continue
                }
                word += isStart ? character.uppercased() : String(character)
                isStart = false
            }
            name += word
        }
        return name
    }

    private static func parameter(_ parameter: Parameter, _ schemas: inout [String: JSONTree]) -> JSONTree {
        .object([
            ("name", .string(parameter.name)),
            ("in", .string(parameter.place.rawValue)),
            ("required", .bool(parameter.isRequired)),
            ("description", .string(parameter.summary)),
            ("schema", parameter.schema.openAPI(&schemas)),
        ])
    }

    private static func responses(_ route: Route, _ shared: inout Shared) -> JSONTree {
        var byStatus: [String: JSONTree] = [:]
        for status in Set(route.responses.map(\.status)) {
            let declared = route.responses.filter { $0.status == status }
            var content: [(String, JSONTree)] = []
            for response in declared {
                let schema = response.schema?.openAPI(&shared.schemas)
                for type in response.contentTypes { content.append((type, .object(schema.map { [("schema", $0)] } ?? []))) }
            }
            var members: [(String, JSONTree)] = [
                ("description", .string(declared.map(\.summary).joined(separator: "; "))), ("headers", .object([requestIDHeader])),
            ]
            if !content.isEmpty { members.append(("content", .object(content))) }
            byStatus[String(status)] = .object(members)
        }
        for (status, problems) in Dictionary(grouping: RouteProblems.of(route), by: \.status) {
            byStatus[String(status)] = shared.reference(problems)
        }
        return .sorted(byStatus)
    }

    private static let requestIDHeader: (String, JSONTree) = (
        "X-Request-Id",
        .object([
            ("description", "The client's request id or one made by the server"), ("schema", .object([("type", "string")])),
        ])
    )

    private static func problem(_ problems: [ProblemType]) -> JSONTree {
        var headers = [requestIDHeader]
        let text: JSONTree = .object([("schema", .object([("type", "string")]))])
        switch problems[0].status {
        case 401: headers.append(("WWW-Authenticate", text))
        case 405: headers.append(("Allow", text))
        case 429, 503: headers.append(("Retry-After", .object([("schema", .object([("type", "string")]))])))
        default: break
        }
        let codes = problems.map { "`\($0.code)` \($0.title.en)" }.joined(separator: "; ")
        let schema: JSONTree = .object([("schema", .object([("$ref", "#/components/schemas/Problem")]))])
        return .object([
            ("description", .string(codes)), ("headers", .object(headers)),
            ("content", .object([(ProblemDocument.contentType, schema)])),
        ])
    }
}
