package import HTTP
package import Postgres

/// Why a file as a whole cannot be imported. What was imported before stays, in whole chunks; the file can be imported again.
package enum MemberImportError: Error, Sendable {
    case empty
    case binary
    case spreadsheet
    case utf16
    case encodingUnavailable
    /// The header: names that are not known here, columns that must be there and are not, columns given twice.
    case columns(unknown: [String], missing: [String], doubled: [String])
    case organizationUnknown
    /// The sender went away, or the file could not be read.
    case sourceLost(any Error)
    case database(PostgresError)
}

extension MemberImportError {
    /// The stable code, kept with the import.
    package var code: String { type.code }

    package var type: ProblemType {
        switch self {
        case .empty: RegistryProblem.importEmpty
        case .binary: RegistryProblem.importBinary
        case .spreadsheet: RegistryProblem.importSpreadsheet
        case .utf16: RegistryProblem.importUTF16
        case .encodingUnavailable: RegistryProblem.importEncodingUnavailable
        case .columns: RegistryProblem.importColumns
        case .organizationUnknown: RegistryProblem.organizationUnknown
        case .sourceLost(let cause): (cause as? BodyStreamError) == .tooLarge ? HTTPProblem.bodyTooLarge : RegistryProblem.importCut
        case .database(let error): error.isOutage ? RegistryProblem.databaseUnavailable : RegistryProblem.importFailed
        }
    }
}

extension MemberImportError: ProblemRepresentable {
    package var problem: Problem {
        switch self {
        case .columns(let unknown, let missing, let doubled):
            Problem(
                type,
                violations: Self.violations(unknown, "import.column_unknown", zh: "不认识的列", en: "unknown column")
                    + Self.violations(missing, "import.column_missing", zh: "缺少的列", en: "missing column")
                    + Self.violations(doubled, "import.column_doubled", zh: "重复的列", en: "column given twice"))
        case .database(let error) where error.isOutage: Problem(type, retryAfterSeconds: 1)
        case .empty, .binary, .spreadsheet, .utf16, .encodingUnavailable, .organizationUnknown, .sourceLost, .database: Problem(type)
        }
    }

    private static func violations(_ names: [String], _ code: String, zh: String, en: String) -> [Violation] {
        names.map { Violation(code, zh: "\(zh)：\($0)", en: "\(en): \($0)") }
    }
}

extension MemberImportError: CustomStringConvertible {
    /// For logs: the code, and of the database's errors their own harmless description.
    package var description: String {
        if case .database(let error) = self { return "\(code): \(error)" }
        return code
    }
}
