import HTTP
import Postgres
import Runtime

/// What an applicant fills in.
struct JoinForm: Codable, Sendable, APIType {
    let name: String
    let nationalId: String
    let phone: String
    let workerKind: WorkerKind
    let employmentForm: EmploymentForm
    let consents: [ConsentPurpose]

    /// Nobody works, and so joins, before (劳动法 15).
    static let ageMin = 16

    /// The wording that the consents are given to.
    static let consentTextVersion = "join-1"

    static let schema = Schema.object(
        "JoinForm", "An applicant",
        [
            .required("name", .string(1...100)), .required("nationalId", .string(1...40), "18 characters"),
            .required("phone", .string(1...40), "A mainland mobile number"), .required("workerKind", .oneOf(WorkerKind.rawValues)),
            .required("employmentForm", .oneOf(EmploymentForm.rawValues)),
            .required(
                "consents", .array(of: .oneOf(ConsentPurpose.allCases.map(\.rawValue)), 0...10),
                "What the applicant agrees to; registry is needed"),
        ])

    /// The automatic checks that need no database.
    /// - Parameter today: in China.
    /// - Throws: every fault, each with its JSON pointer.
    func person(today: CalendarDate) throws(Problem) -> PersonalData {
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
        let id = take("/nationalId") { () throws(MemberFault) in
            let id = try NationalID(nationalId, today: today)
            guard Self.isOldEnough(id.birthOn, today: today) else { throw .memberTooYoung }
            return id
        }
        let number = take("/phone") { () throws(MemberFault) in try PhoneNumber(phone) }
        if !consents.contains(.registry) {
            violations.append(
                Violation(
                    "join.consent_missing", pointer: "/consents", zh: "须同意为会籍管理处理个人信息",
                    en: "Nobody joins without agreeing that data is kept for the membership"))
        }
        guard violations.isEmpty, let personName, let id, let number else { throw Problem(JoinProblem.formInvalid, violations: violations) }
        return PersonalData(name: personName, nationalID: id, phone: number)
    }

    /// Whether the sixteenth birthday has come; who was born on 29 February has it on 1 March.
    static func isOldEnough(_ birthOn: CalendarDate, today: CalendarDate) -> Bool {
        let (year, month, day) = (birthOn.year + ageMin, birthOn.month, birthOn.day)
        return (today.year, today.month, today.day) >= (year, month, day)
    }
}
