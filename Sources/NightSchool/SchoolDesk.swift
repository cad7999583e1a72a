import HTTP
import Postgres
import Registry
import Runtime

/// What every route of the feature does around its own step: finds within the caller's reach, keeps the answer, writes the audit.
struct SchoolDesk: Sendable {
    let schools: SchoolStore
    let audit: AuditStore
    let idempotency: IdempotencyStore

    typealias P = RegistryPermission
    static let tag = "Night schools"

    /// - Throws: `school.unknown`, for what lies outside and for what does not exist alike.
    func school(
        _ id: ID<School>, _ request: Request, _ permission: Permission, isHeld: Bool = false, in querying: (any Querying)? = nil
    ) async throws -> School {
        guard let school = try await schools.school(id, within: request.scope(of: permission), isHeld: isHeld, in: querying) else {
            throw Problem(SchoolProblem.schoolUnknown)
        }
        return school
    }

    /// - Throws: `school.term_unknown`.
    func term(
        _ id: ID<SchoolTerm>, _ request: Request, _ permission: Permission, isHeld: Bool = false, in querying: (any Querying)? = nil
    ) async throws -> SchoolTerm {
        guard let term = try await schools.term(id, within: request.scope(of: permission), isHeld: isHeld, in: querying) else {
            throw Problem(SchoolProblem.termUnknown)
        }
        return term
    }

    /// - Throws: `school.changed` where the caller read another version.
    static func check(_ version: Int32, _ request: Request) throws {
        if let wanted = request.versionToChange, wanted != version { throw Problem(SchoolProblem.changed) }
    }

    static func check(_ faults: [Violation]) throws {
        if !faults.isEmpty { throw SchoolProblem.invalid(faults) }
    }

    /// Runs a step that may break one of these constraints: a name that is given already.
    static func named<Value>(_ constraints: [String], _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError {
            if constraints.contains(where: error.isConstraint) { throw Problem(SchoolProblem.nameTaken) }
            throw error
        }
    }

    func record(
        _ action: String, _ subject: String, of organization: ID<Organization>, details: [String: String] = [:], _ request: Request,
        in querying: any Querying
    ) async throws {
        try await audit.record(action, subject: subject, organization: organization, details: details, request, in: querying)
    }

    static func answer(_ value: some Encodable & APIType, version: Int32, status: Int = 200, location: String? = nil) -> Response {
        let response = Response.json(value, status: status).with("ETag", EntityTag.of(version: version))
        return location.map { response.with("Location", $0) } ?? response
    }

    /// What a route that changes something answers beside its own.
    static let changing = [SchoolProblem.changed, SchoolProblem.invalid, RegistryProblem.databaseUnavailable]
    static let creating = [SchoolProblem.invalid] + IdempotencyStore.problems
    static let reading = [RegistryProblem.databaseUnavailable]
}

extension Request {
    /// Who calls, for the history.
    var actor: String { principal?.subject ?? "anyone" }
}

extension SchoolStore.Stranded {
    /// What keeps a change from being made.
    func violation(_ code: String, at pointer: String, zh: String, en: String) -> Violation {
        Violation(
            code, pointer: pointer, zh: "《\(title)》\(day) 第 \(number) 课（班 \(classID)）\(zh)",
            en: "lesson \(number) of “\(title)”, class \(classID), on \(day) \(en)")
    }
}
