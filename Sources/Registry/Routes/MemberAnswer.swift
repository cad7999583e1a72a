import HTTP
import Postgres
import Runtime

/// A member as screens see one: what identifies the person is masked.
struct MemberAnswer: Codable, Sendable, APIType {
    let id: ID<Member>
    let organizationId: ID<Organization>
    let status: MemberStatus
    let name: String?
    let nationalId: String?
    let phone: String?
    let sex: Sex
    let birthYear: Int
    let workerKind: WorkerKind
    let employmentForm: EmploymentForm
    let hardshipPost: Bool
    let employerCheckup: Bool
    let mergedInto: ID<Member>?
    let erasedAt: String?
    let createdAt: String
    let updatedAt: String

    init(_ member: Member) {
        id = member.id
        organizationId = member.organizationID
        status = member.status
        name = member.person?.name.masked
        nationalId = member.person?.nationalID.masked
        phone = member.person?.phone?.masked
        sex = member.sex
        birthYear = member.birthOn.year
        workerKind = member.workerKind
        employmentForm = member.employmentForm
        hardshipPost = member.hardshipPost
        employerCheckup = member.employerCheckup
        mergedInto = member.mergedInto
        erasedAt = member.erasedAt?.description
        createdAt = member.createdAt.description
        updatedAt = member.updatedAt.description
    }

    static let schema = Schema.object(
        "Member", "A member; name, national id and phone are masked",
        [
            .required("id", .id), .required("organizationId", .id), .required("status", .oneOf(MemberStatus.allCases.map(\.rawValue))),
            .optional("name", .string(1...10), "张*; absent once the person was forgotten"),
            .optional("nationalId", .string(18...18), "3204**********1234"), .optional("phone", .string(11...11), "138****5678"),
            .required("sex", .oneOf(Sex.allCases.map(\.rawValue))), .required("birthYear", .integer(1900...2200)),
            .required("workerKind", .oneOf(WorkerKind.rawValues)), .required("employmentForm", .oneOf(EmploymentForm.rawValues)),
            .required("hardshipPost", .boolean, "苦脏累险岗位"), .required("employerCheckup", .boolean, "The employer gives a checkup"),
            .optional("mergedInto", .id, "The member who is the same person and goes on"),
            .optional("erasedAt", .dateTime, "The person was forgotten"), .required("createdAt", .dateTime),
            .required("updatedAt", .dateTime),
        ])
}

struct MemberList: Codable, Sendable, APIType {
    let items: [MemberAnswer]
    let next: String?

    static let schema = Schema.object(
        "MemberList", "A page of members",
        [.required("items", .array(of: MemberAnswer.schema, 0...200)), PageCursor.next])
}

/// A member to be.
struct MemberBody: Codable, Sendable, APIType {
    let organizationId: ID<Organization>
    let name: String
    let nationalId: String
    let phone: String?
    let workerKind: WorkerKind?
    let employmentForm: EmploymentForm?
    let hardshipPost: Bool?
    let employerCheckup: Bool?

    static let schema = Schema.object(
        "MemberBody", "A member to be",
        [
            .required("organizationId", .id), .required("name", .string(1...100)),
            .required("nationalId", .string(1...40), "18 characters"),
            .optional("phone", .string(1...40), "A mainland mobile number"), .optional("workerKind", .oneOf(WorkerKind.rawValues)),
            .optional("employmentForm", .oneOf(EmploymentForm.rawValues)), .optional("hardshipPost", .boolean),
            .optional("employerCheckup", .boolean),
        ])

    /// The same by the registry's rules.
    /// - Parameter today: nobody is born after it.
    /// - Throws: every fault, each with its JSON pointer.
    func draft(today: CalendarDate) throws(Problem) -> MemberDraft {
        var violations: [Violation] = []
        func take<Value>(_ pointer: String, _ make: () throws(MemberFault) -> Value) -> Value? {
            do throws(MemberFault) {
                return try make()
            } catch {
                violations.append(Violation(error.code, pointer: pointer, zh: error.reason.zh, en: error.reason.en))
                return nil
            }
        }
        let personName = take("/name") { () throws(MemberFault) in try PersonName(name) }
        let id = take("/nationalId") { () throws(MemberFault) in try NationalID(nationalId, today: today) }
        let number = take("/phone") { () throws(MemberFault) in try phone.map { text throws(MemberFault) in try PhoneNumber(text) } }
        guard let personName, let id, let number else { throw Problem(RegistryProblem.memberInvalid, violations: violations) }
        return MemberDraft(
            person: PersonalData(name: personName, nationalID: id, phone: number), organizationID: organizationId, workerKind: workerKind,
            employmentForm: employmentForm, hardshipPost: hardshipPost, employerCheckup: employerCheckup)
    }
}

struct MemberStatusBody: Codable, Sendable, APIType {
    let status: MemberStatus

    static let schema = Schema.object(
        "MemberStatusBody", "A status to be set", [.required("status", .oneOf(MemberStatus.allCases.map(\.rawValue)))])
}
