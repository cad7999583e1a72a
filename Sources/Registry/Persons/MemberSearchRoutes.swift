import HTTP
import Postgres
import Runtime

/// Members found by what nobody can read in the database, over HTTP. What is looked for stands in the body, for addresses are logged.
struct MemberSearchRoutes: Sendable {
    let members: MemberStore

    var all: [Route] { [search] }

    private var search: Route {
        Route(
            .post, "/v1/member-searches", summary: "Finds members by national id, by phone, or by name and birth date; masked",
            tag: "Members", access: .permission(RegistryPermission.memberDetailsRead),
            body: .json(MemberSearchBody.self, limitBytes: 2_048),
            responses: [.json(200, MemberSearchAnswer.self, "Who was found within what you may see; 50 at most")],
            problems: [RegistryProblem.memberInvalid, RegistryProblem.databaseUnavailable]
        ) { request in
            let search = try request.json(MemberSearchBody.self).search()
            let found = try await members.search(search, within: request.scope(of: RegistryPermission.memberDetailsRead))
            return Response.json(MemberSearchAnswer(items: found.map(MemberAnswer.init))).with("Cache-Control", "no-store")
        }
    }
}

struct MemberSearchBody: Codable, Sendable, APIType {
    let nationalId: String?
    let phone: String?
    let name: String?
    let birthOn: String?

    static let schema = Schema.object(
        "MemberSearchBody", "Either a national id, or a phone, or a name with a birth date",
        [
            .optional("nationalId", .string(1...40)), .optional("phone", .string(1...40)), .optional("name", .string(1...100)),
            .optional("birthOn", .date, "Goes together with the name"),
        ])

    /// - Throws: `registry.member_invalid`, with the fault's pointer.
    func search() throws(Problem) -> MemberSearch {
        do throws(MemberFault) {
            switch (nationalId, phone, name, birthOn.flatMap { CalendarDate(text: $0) }) {
            case (let id?, nil, nil, nil): return .nationalID(try NationalID(id))
            case (nil, let phone?, nil, nil): return .phone(try PhoneNumber(phone))
            case (nil, nil, let name?, let day?): return .name(try PersonName(name), birthOn: day)
            default: break
            }
        } catch {
            let pointer = nationalId != nil ? "/nationalId" : phone != nil ? "/phone" : "/name"
            throw Problem(
                RegistryProblem.memberInvalid,
                violations: [Violation(error.code, pointer: pointer, zh: error.reason.zh, en: error.reason.en)])
        }
        throw Problem(
            RegistryProblem.memberInvalid,
            violations: [
                Violation(
                    "member.search_ambiguous", pointer: "", zh: "请只按身份证号、手机号、或姓名加出生日期之一查找",
                    en: "give either a national id, or a phone, or a name with a birth date")
            ])
    }
}

struct MemberSearchAnswer: Codable, Sendable, APIType {
    let items: [MemberAnswer]

    static let schema = Schema.object("MemberSearch", "Who was found", [.required("items", .array(of: MemberAnswer.schema, 0...50))])
}
