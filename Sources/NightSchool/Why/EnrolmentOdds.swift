import HTTP

/// What became of others who waited at such a place: an estimate, and what it is made of.
///
/// It counts the enrolments of terms of the same school that were over before this one began, in courses of the same category, whose first
/// place in a queue lay in the same band (1 to 3, 4 to 10, 11 to 30, 31 to 100, beyond): how many of those who waited to the end were
/// offered a seat. Who gave up waiting is not counted. With fewer than ten of them there is no number, for it would say nothing.
package struct EnrolmentOdds: Codable, Hashable, Sendable {
    package let fromPlace: Int32
    /// Absent: any place from there on.
    package let toPlace: Int32?
    /// Who waited at such a place in past terms.
    package let waited: Int32
    /// Of these, who was offered a seat.
    package let offered: Int32

    /// Fewer tell nothing.
    static let waitedMin: Int32 = 10

    private static let bands: [(from: Int32, to: Int32?)] = [(1, 3), (4, 10), (11, 30), (31, 100), (101, nil)]

    /// The places that are counted with this one.
    static func band(of place: Int32) -> (from: Int32, to: Int32?) {
        bands.last { $0.from <= place } ?? bands[0]
    }

    static let schema = Schema.object(
        "EnrolmentOdds", "Of those who waited at such a place for this category in the school's past terms, how many were offered a seat",
        [
            .required("fromPlace", .integer(1...1_000_000)), .optional("toPlace", .integer(1...1_000_000)),
            .required("waited", .integer(1...100_000_000), "Without those who gave up waiting"),
            .required("offered", .integer(0...100_000_000)),
        ])
}
