package import HTTPClient
package import Runtime

/// Why a browser did not do what it was told.
package enum BrowserError: Error, Sendable {
    /// A program that is not installed, and the Debian package that holds it.
    case missing(program: String, package: String)
    case system(SystemError)
    /// chromedriver did not start; what it said.
    case notStarted(String)
    /// chromedriver does not answer.
    case noAnswer(HTTPClientError)
    /// What chromedriver refused: its error code (W3C WebDriver, section 6.6) and its words.
    case refused(code: String, message: String)
    /// An answer of another shape than WebDriver's.
    case unexpectedAnswer(String)
    /// What was waited for did not come, and what the page was then.
    case notInTime(String)
    case cancelled
}

extension BrowserError {
    /// Chromedriver knows two words for it.
    package var isOfAnElementThatIsGone: Bool {
        guard case .refused(let code, let message) = self else { return false }
        return code == "stale element reference" || message.contains("does not belong to the document")
    }
}

extension BrowserError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let program, let package): "\(program) is missing: apt-get install \(package)"
        case .system(let error): error.description
        case .notStarted(let text): "chromedriver did not start: \(text)"
        case .noAnswer(let error): "chromedriver: \(error)"
        case .refused(let code, let message): "\(code): \(message)"
        case .unexpectedAnswer(let text): "not an answer of WebDriver: \(text)"
        case .notInTime(let what): "waited in vain for \(what)"
        case .cancelled: "cancelled"
        }
    }
}
