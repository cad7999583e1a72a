/// As the national id's parity says.
package enum Sex: String, Codable, CaseIterable, Sendable {
    case female, male
}
