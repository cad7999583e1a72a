extension RouteEntry {
    /// Checks everything declared; the parameters' and the body's violations come together in one 422.
    func check(_ incoming: API.Incoming, principal: (any Principal)?) throws(Problem) -> Request {
        let head = incoming.head
        guard MediaType.accepts(head.headers["Accept"], anyOf: producedTypes) else { throw Problem(HTTPProblem.notAcceptable) }
        try checkContentType(incoming)

        var values = ParameterValues()
        for (parameter, value) in zip(pathParameters, incoming.captures) {
            // A malformed id names nothing, so it is not found.
            if parameter.schema.fault(inParameter: value) != nil { throw Problem(HTTPProblem.notFound) }
            values.add(parameter.name, value)
        }
        var problem: ProblemType?
        var violations: [Violation] = []
        func add(_ type: ProblemType, _ violation: Violation) {
            problem = problem ?? type
            violations.append(violation)
        }
        if let query = head.query, !route.takesAnyQuery { checkQuery(query, &values, add) }
        checkMissing(queryParameters, values, add)
        if !headerParameters.isEmpty {
            checkHeaders(head.headers, &values, add)
            checkMissing(headerParameters, values, add)
        }
        if case .json(let schema) = route.body.kind, case .bytes(let bytes) = incoming.body, !isPlainText(head.headers) {
            let found: [Violation]
            do {
                found = try JSONValidator.violations(of: schema, in: bytes)
            } catch {
                throw error.problem
            }
            for violation in found { add(HTTPProblem.invalidBody, violation) }
        }
        if let problem { throw Problem(problem, violations: violations) }
        return Request(
            method: head.method, path: String(head.path), headers: head.headers, requestID: incoming.requestID, principal: principal,
            loop: incoming.loop, body: incoming.body, peer: incoming.peer, parameters: values)
    }

    private func isPlainText(_ headers: Headers) -> Bool {
        route.body.plainText != nil && headers["Content-Type"].flatMap { MediaType.parse($0)?.essence } == MediaType.plainText
    }

    private typealias Add = (ProblemType, Violation) -> Void

    /// 415 for another type, a charset other than UTF-8 or a coding; 400 where a declared body is missing.
    private func checkContentType(_ incoming: API.Incoming) throws(Problem) {
        if route.body.contentTypes.isEmpty { return }
        let hasBody: Bool
        switch incoming.body {
        case .none: hasBody = false
        case .bytes(let bytes): hasBody = !bytes.isEmpty
        case .stream: hasBody = true
        }
        let headers = incoming.head.headers
        guard let field = headers["Content-Type"] else {
            throw Problem(hasBody ? HTTPProblem.unsupportedMediaType : HTTPProblem.bodyMissing)
        }
        guard let (essence, hasForeignCharset) = MediaType.parse(field), route.body.contentTypes.contains(essence),
            !(hasForeignCharset && essence == "application/json")
        else { throw Problem(HTTPProblem.unsupportedMediaType) }
        if let coding = headers["Content-Encoding"], coding.lowercased() != "identity" {
            throw Problem(HTTPProblem.unsupportedMediaType)
        }
        guard hasBody else { throw Problem(HTTPProblem.bodyMissing) }
    }

    private func checkQuery(_ query: Substring, _ values: inout ParameterValues, _ add: Add) {
        guard let pairs = QueryPairs(query)?.pairs else {
            add(
                HTTPProblem.invalidParameter,
                Violation("request.invalid_encoding", zh: "查询参数不是合法的 UTF-8", en: "The query is not valid UTF-8"))
            return
        }
        for (name, value) in pairs {
            let shown = String(String.UnicodeScalarView(name.unicodeScalars.prefix(100)))
            guard let parameter = queryParameters.first(where: { $0.name == name }) else {
                add(
                    HTTPProblem.unknownParameter,
                    Violation("request.unknown_parameter", parameter: shown, zh: "未知的参数", en: "This parameter is not known here"))
                continue
            }
            if values[name] != nil {
                add(
                    HTTPProblem.duplicateParameter,
                    Violation("request.duplicate_parameter", parameter: shown, zh: "参数重复", en: "This parameter is given twice"))
                continue
            }
            keep(parameter, value, &values, add)
        }
    }

    private func checkHeaders(_ headers: Headers, _ values: inout ParameterValues, _ add: Add) {
        for parameter in headerParameters {
            guard let value = headers[parameter.name] else { continue }
            if headers.lines(of: parameter.name) > 1 {
                add(
                    HTTPProblem.duplicateParameter,
                    Violation("request.duplicate_parameter", parameter: parameter.name, zh: "请求头重复", en: "This field is given twice"))
            } else {
                keep(parameter, value, &values, add)
            }
        }
    }

    private func keep(_ parameter: Parameter, _ value: String, _ values: inout ParameterValues, _ add: Add) {
        values.add(parameter.name, value)
        guard let fault = parameter.schema.fault(inParameter: value) else { return }
        add(
            HTTPProblem.invalidParameter,
            Violation(code: fault.code, pointer: nil, parameter: parameter.name, detail: fault.detail))
    }

    private func checkMissing(_ parameters: [Parameter], _ values: ParameterValues, _ add: Add) {
        for parameter in parameters where parameter.isRequired && values[parameter.name] == nil {
            add(
                HTTPProblem.missingParameter,
                Violation("request.missing_parameter", parameter: parameter.name, zh: "缺少参数", en: "This parameter is needed"))
        }
    }
}
