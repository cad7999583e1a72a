/// The bytes before a response's body.
enum ResponseHead {
    /// How the body's end is known.
    enum Length {
        case none
        case bytes(Int)
        case chunked
        case untilClose
    }

    static func append(
        _ response: Response, length: Length, requestID: String, date: [UInt8], closes: Bool, isVersion10: Bool, to output: inout [UInt8]
    ) {
        output.append(contentsOf: statusLine(response.status))
        append(contentType: response.contentType, length, to: &output)
        for (name, value) in response.headers {
            output.append(contentsOf: name.utf8)
            output.append(contentsOf: separator)
            output.append(contentsOf: value.utf8)
            output.append(contentsOf: lineEnd)
        }
        output.append(contentsOf: requestIDName)
        output.append(contentsOf: requestID.utf8)
        output.append(contentsOf: date)
        if closes {
            output.append(contentsOf: connectionClose)
        } else if isVersion10 {
            output.append(contentsOf: connectionKeepAlive)
        }
        output.append(contentsOf: lineEnd)
    }

    private static func append(contentType: String?, _ length: Length, to output: inout [UInt8]) {
        if let contentType {
            output.append(contentsOf: contentTypeName)
            output.append(contentsOf: contentType.utf8)
            output.append(contentsOf: noSniff)
        }
        switch length {
        case .none, .untilClose: break
        case .bytes(let count):
            output.append(contentsOf: contentLengthName)
            appendDecimal(count, to: &output)
            output.append(contentsOf: lineEnd)
        case .chunked: output.append(contentsOf: transferChunked)
        }
    }

    /// A number without the String it would otherwise cost.
    private static func appendDecimal(_ number: Int, to output: inout [UInt8]) {
        if number >= 10 { appendDecimal(number / 10, to: &output) }
        output.append(UInt8(truncatingIfNeeded: 0x30 + number % 10))
    }

    private static let contentTypeName = Array("Content-Type: ".utf8)
    private static let noSniff = Array("\r\nX-Content-Type-Options: nosniff\r\n".utf8)
    private static let contentLengthName = Array("Content-Length: ".utf8)
    private static let transferChunked = Array("Transfer-Encoding: chunked\r\n".utf8)
    private static let requestIDName = Array("X-Request-Id: ".utf8)
    private static let connectionClose = Array("Connection: close\r\n".utf8)
    private static let connectionKeepAlive = Array("Connection: keep-alive\r\n".utf8)
    private static let separator = Array(": ".utf8)
    private static let lineEnd = Array("\r\n".utf8)

    static let `continue` = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    private static func statusLine(_ status: Int) -> [UInt8] {
        status >= 200 && status < 600 ? statusLines[status - 200] : statusLines[300]
    }

    private static let statusLines: [[UInt8]] = (200..<600).map { Array("HTTP/1.1 \($0) \(reason($0))\r\n".utf8) }

    static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 303: "See Other"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: ""
        }
    }
}
