package import HTTP
package import Postgres
package import Runtime

/// One sharing out of a program, as it was made, looked at and published.
package struct ProgramRun: Sendable {
    package let programID: ID<UnionProgram>
    /// 1 for the program's first.
    package let number: Int32
    package let state: State
    package let madeBy: String
    package let madeAt: Timestamp
    package let applicants: Int
    package let excluded: Int
    package let placed: Int
    package let waiting: Int
    package let figures: RunFigures
    /// The program's inputs hash when it was made.
    package let inputsHash: [UInt8]
    /// The digest in the last line of its audit file.
    package let auditHash: [UInt8]?
    /// From the first row read to the last one written.
    package let microseconds: Int64
    package let reviewedBy: String?
    package let reviewedAt: Timestamp?
    package let reviewNote: String?
    package let publishedBy: String?
    package let publishedAt: Timestamp?

    package enum State: String, Codable, CaseIterable, Sendable {
        case made, reviewed, rejected, published
        /// Another run was made after it.
        case replaced
    }
}

/// A sharing out in figures, without anything of a person: the run sheet.
package struct RunFigures: Codable, Hashable, Sendable {
    package struct ClassFigures: Codable, Hashable, Sendable {
        package let number: Int
        /// Nil: of nobody's class by name, the last one.
        package let name: String?
        package let applicants: Int
        package let placed: Int
    }

    package struct FloorFigures: Codable, Hashable, Sendable {
        package let group: String
        package let kind: String
        package let size: Int
        package let members: Int
        /// Members with a place, whatever floor they count for.
        package let placedMembers: Int
        /// Places of the floor that are filled when everybody counts for one floor.
        package let filled: Int
        /// Of a floor that is short: how many any sharing out could have filled, were it the only one.
        package let possible: Int?
    }

    package struct Exclusion: Codable, Hashable, Sendable {
        package let code: String
        package let applicants: Int
    }

    /// Places shared out: the program's quota, without those held before.
    package let quota: Int
    package let sessions: Int
    package let filledSessions: Int
    package let classes: [ClassFigures]
    package let floors: [FloorFigures]
    /// How many have their first wish, their second, and so on.
    package let wishes: [Int]
    package let exclusions: [Exclusion]
    /// Where a floor is short: reserved places filled, and the most that any sharing out could fill.
    package let reserved: Reserved?

    package struct Reserved: Codable, Hashable, Sendable {
        package let filled: Int
        package let possible: Int
    }
}

extension RunFigures: APIType {
    package static let schema = Schema.object(
        "RunFigures", "A sharing out in figures, without anything of a person",
        [
            .required("quota", count, "Places shared out"), .required("sessions", count), .required("filledSessions", count),
            .required(
                "classes",
                .array(
                    of: .object(
                        "RunClass", "Who goes first, and how they fared",
                        [
                            .required("number", .integer(1...65_535), "1 goes first"), .optional("name", .string(1...100)),
                            .required("applicants", count), .required("placed", count),
                        ]), 0...65_535)),
            .required(
                "floors",
                .array(
                    of: .object(
                        "RunFloor", "A promise to a group, and what became of it",
                        [
                            .required("group", .string(1...100)), .required("kind", .oneOf(["strict", "fair"])),
                            .required("size", count), .required("members", count), .required("placedMembers", count),
                            .required("filled", count, "When everybody counts for one floor"),
                            .optional("possible", count, "Of a short one: what any sharing out could have filled"),
                        ]), 0...8)),
            .required("wishes", .array(of: count, 0...8), "How many have their first wish, their second, and so on"),
            .required(
                "exclusions",
                .array(
                    of: .object(
                        "RunExclusion", "Applicants who took no part",
                        [.required("code", .oneOf(RunExclusion.allCases.map(\.code))), .required("applicants", count)]), 0...8)),
            .optional(
                "reserved",
                .object(
                    "RunReserved", "Where a floor is short: reserved places filled, and the most that could be",
                    [.required("filled", count), .required("possible", count)])),
        ])

    private static let count = Schema.integer(0...Int64(Int32.max))
}
