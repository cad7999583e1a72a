/// Which way a member goes through an access point.
package enum AccessDirection: String, Codable, CaseIterable, Sendable {
    case inward = "in"
    case outward = "out"
}

/// Which ways an access point lets people go. An exit with a good code opens everywhere: nobody is kept inside.
package enum ServedDirections: String, Codable, CaseIterable, Sendable {
    case inward = "in"
    case outward = "out"
    case both
}
