/// Every problem that this target answers with; the codes never change.
package enum HTTPProblem {
    package static let malformed = ProblemType("http.malformed", 400, zh: "请求不符合 HTTP/1.1", en: "The request is not HTTP/1.1")
    package static let bodyTooLarge = ProblemType("http.body_too_large", 413, zh: "请求体过大", en: "The body is too large")
    package static let targetTooLong = ProblemType("http.target_too_long", 414, zh: "请求行过长", en: "The request line is too long")
    package static let headersTooLarge = ProblemType("http.headers_too_large", 431, zh: "请求头过大", en: "The header fields are too large")
    package static let tooManyHeaders = ProblemType("http.too_many_headers", 431, zh: "请求头字段过多", en: "There are too many header fields")
    package static let expectationFailed = ProblemType(
        "http.expectation_failed", 417, zh: "只支持 Expect: 100-continue", en: "Only Expect: 100-continue is met")
    package static let timeout = ProblemType("http.timeout", 408, zh: "请求发送过慢", en: "The request came too slowly", retryable: true)
    package static let notFound = ProblemType("http.not_found", 404, zh: "没有这个资源", en: "There is no such resource")
    package static let methodNotAllowed = ProblemType(
        "http.method_not_allowed", 405, zh: "此资源不支持该方法", en: "This resource does not have that method")
    package static let notAcceptable = ProblemType(
        "http.not_acceptable", 406, zh: "没有可接受的表示形式", en: "There is no representation that is accepted")
    package static let unsupportedMediaType = ProblemType(
        "http.unsupported_media_type", 415, zh: "不支持该内容类型", en: "This content type is not taken here")
    package static let overloaded = ProblemType(
        "http.overloaded", 503, zh: "服务繁忙，请稍后再试", en: "The service is at its limit", retryable: true)
    package static let notReady = ProblemType("http.not_ready", 503, zh: "服务尚未就绪", en: "The service is not ready", retryable: true)
    package static let `internal` = ProblemType("http.internal", 500, zh: "内部错误", en: "Internal error")

    package static let tokenMissing = ProblemType("auth.token_missing", 401, zh: "需要令牌", en: "A bearer token is needed")
    package static let tokenInvalid = ProblemType("auth.token_invalid", 401, zh: "令牌无效", en: "The bearer token is not valid")
    package static let notPermitted = ProblemType("auth.not_permitted", 403, zh: "没有权限", en: "This is not permitted to you")
    /// A browser brought a cookie, but not the field that only pages of this origin can bring.
    package static let crossSiteRefused = ProblemType(
        "auth.cross_site_refused", 403, zh: "请求不是来自本站页面，请刷新后再试",
        en: "The request does not come from a page of this site; reload and try again")

    package static let bodyMissing = ProblemType("request.body_missing", 400, zh: "缺少请求体", en: "A body is needed")
    package static let malformedJSON = ProblemType("request.malformed_json", 400, zh: "请求体不是合法的 JSON", en: "The body is not valid JSON")
    package static let invalidUTF8 = ProblemType("request.invalid_utf8", 400, zh: "请求体不是合法的 UTF-8", en: "The body is not valid UTF-8")
    package static let tooDeep = ProblemType("request.too_deep", 400, zh: "JSON 嵌套过深", en: "The JSON is nested too deeply")
    package static let duplicateKey = ProblemType("request.duplicate_key", 400, zh: "JSON 对象有重复的键", en: "A JSON object has a key twice")
    package static let invalidBody = ProblemType("request.invalid_body", 422, zh: "请求体不符合规则", en: "The body breaks a rule")
    package static let unknownParameter = ProblemType(
        "request.unknown_parameter", 422, zh: "未知的参数", en: "A parameter is not known here")
    package static let duplicateParameter = ProblemType(
        "request.duplicate_parameter", 422, zh: "参数重复", en: "A parameter is given twice")
    package static let invalidParameter = ProblemType(
        "request.invalid_parameter", 422, zh: "参数不符合规则", en: "A parameter breaks a rule")
    package static let missingParameter = ProblemType("request.missing_parameter", 422, zh: "缺少参数", en: "A parameter is missing")

    package static let all: [ProblemType] = [
        malformed, bodyTooLarge, targetTooLong, headersTooLarge, tooManyHeaders, expectationFailed, timeout, notFound, methodNotAllowed,
        notAcceptable, unsupportedMediaType, overloaded, notReady, `internal`, tokenMissing, tokenInvalid, notPermitted, crossSiteRefused,
        bodyMissing, malformedJSON, invalidUTF8, tooDeep, duplicateKey, invalidBody, unknownParameter, duplicateParameter, invalidParameter,
        missingParameter,
    ]

    /// Codes of single reasons inside `invalidBody` and the parameter problems.
    package static let reasonCodes = [
        "request.unknown_field", "request.missing_field", "request.wrong_type", "request.out_of_range", "request.wrong_length",
        "request.wrong_pattern", "request.control_character",
        "request.not_an_option", "request.unknown_parameter", "request.duplicate_parameter",
        "request.missing_parameter", "request.invalid_encoding",
    ]
}

extension ParseFailure {
    /// What the client is told.
    var problem: Problem {
        switch self {
        case .requestLineTooLong: Problem(HTTPProblem.targetTooLong)
        case .headersTooLarge: Problem(HTTPProblem.headersTooLarge)
        case .tooManyFields: Problem(HTTPProblem.tooManyHeaders)
        case .bodyTooLarge: Problem(HTTPProblem.bodyTooLarge)
        case .expectationFailed: Problem(HTTPProblem.expectationFailed)
        case .malformed(let malformation): Problem(HTTPProblem.malformed, detail: malformation.sentence)
        }
    }
}

extension JSONFault {
    /// What the client is told.
    var problem: Problem {
        let place = Localized(zh: "位于第 \(offset) 字节", en: "At byte \(offset)")
        switch kind {
        case .syntax: return Problem(HTTPProblem.malformedJSON, detail: place)
        case .invalidUTF8: return Problem(HTTPProblem.invalidUTF8, detail: place)
        case .tooDeep: return Problem(HTTPProblem.tooDeep, detail: place)
        case .duplicateKey:
            let reason = Violation("request.duplicate_key", pointer: pointer, zh: "键重复", en: "The key is given twice")
            return Problem(HTTPProblem.duplicateKey, detail: place, violations: [reason])
        }
    }
}
