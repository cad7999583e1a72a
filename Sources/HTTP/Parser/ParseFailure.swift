/// Why a byte stream is not a request. The connection answers it and closes: after a framing error nothing on it can be trusted.
package enum ParseFailure: Error, Hashable, Sendable {
    case requestLineTooLong
    case headersTooLarge
    case tooManyFields
    case bodyTooLarge
    case expectationFailed
    case malformed(Malformation)
}

/// What is malformed; the clause that demands the refusal stands beside each check in the parser.
package enum Malformation: String, Hashable, Sendable, CaseIterable {
    case requestLine, method, target, version
    case lineEnd, fieldName, fieldValue, foldedLine
    case hostMissing, hostRepeated, hostInvalid, hostMismatch
    case contentLength, contentLengthRepeated
    case transferEncoding, transferEncodingInVersion10, transferEncodingWithContentLength
    case chunkSize, chunkExtension, chunkExtensionsTooLong, chunkEnd
    case trailerField

    /// For the problem's detail.
    var sentence: Localized {
        switch self {
        case .requestLine: Localized(zh: "请求行不是“方法 目标 版本”", en: "The request line is not method, target and version")
        case .method: Localized(zh: "方法名含有非法字符", en: "The method contains an invalid character")
        case .target: Localized(zh: "请求目标不合法", en: "The request target is invalid")
        case .version: Localized(zh: "只接受 HTTP/1.1 和 HTTP/1.0", en: "Only HTTP/1.1 and HTTP/1.0 are spoken here")
        case .lineEnd: Localized(zh: "行必须以 CRLF 结束", en: "A line must end in CRLF")
        case .fieldName: Localized(zh: "字段名不合法", en: "A field name is invalid")
        case .fieldValue: Localized(zh: "字段值含有非法字符", en: "A field value contains an invalid character")
        case .foldedLine: Localized(zh: "不接受折行的字段", en: "Folded field lines are refused")
        case .hostMissing: Localized(zh: "缺少 Host", en: "Host is missing")
        case .hostRepeated: Localized(zh: "Host 出现多次", en: "Host is given more than once")
        case .hostInvalid: Localized(zh: "Host 不合法", en: "Host is invalid")
        case .hostMismatch: Localized(zh: "Host 与请求目标不符", en: "Host differs from the request target")
        case .contentLength: Localized(zh: "Content-Length 不是十进制数", en: "Content-Length is not a plain decimal number")
        case .contentLengthRepeated: Localized(zh: "Content-Length 出现多次", en: "Content-Length is given more than once")
        case .transferEncoding: Localized(zh: "Transfer-Encoding 只能是 chunked", en: "Transfer-Encoding must be chunked")
        case .transferEncodingInVersion10:
            Localized(zh: "HTTP/1.0 不能用 Transfer-Encoding", en: "Transfer-Encoding is not part of HTTP/1.0")
        case .transferEncodingWithContentLength:
            Localized(zh: "Transfer-Encoding 与 Content-Length 不能并存", en: "Transfer-Encoding and Content-Length exclude each other")
        case .chunkSize: Localized(zh: "分块长度不合法", en: "A chunk size is invalid")
        case .chunkExtension: Localized(zh: "分块扩展不合法", en: "A chunk extension is invalid")
        case .chunkExtensionsTooLong: Localized(zh: "分块扩展过长", en: "The chunk extensions are too long")
        case .chunkEnd: Localized(zh: "分块数据后缺少 CRLF", en: "CRLF is missing after a chunk's data")
        case .trailerField: Localized(zh: "尾部不能有此字段", en: "This field may not stand in the trailers")
        }
    }
}
