/// Strong entity tags that are a row's version in quotes (RFC 9110, 8.8.3), and the condition that a change may hang on.
package enum EntityTag {
    package static func of(version: some BinaryInteger) -> String { "\"\(version)\"" }

    /// The header parameter of every route that changes what has a version; a version that is not the one there is the route's 412.
    package static let ifMatch = Parameter.header(
        "If-Match", .string(1...100), "The ETag as read: refused when somebody has changed it since; * or none changes whatever is there")
}

extension Request {
    /// The version that `If-Match` asks for: nil for none or `*`; 0, which nothing has, for a tag that was never given out (13.1.1).
    package var versionToChange: Int32? {
        guard let tag = optionalParameter("If-Match", as: String.self), tag != "*" else { return nil }
        guard let version = Int32(tag.dropFirst().dropLast()), EntityTag.of(version: version) == tag else { return 0 }
        return version
    }
}
