import HTTP
import Postgres
import Runtime

/// Personal data in clear: one member at a time, for a reason that the audit keeps.
struct UnmaskRoutes: Sendable {
    let members: MemberStore
    let attempts: AttemptStore
    let limits: AttemptLimits
    let audit: AuditStore

    var all: [Route] { [unmask] }

    private var unmask: Route {
        Route(
            .post, "/v1/members/{id}/unmask", summary: "Shows one member's name, national id and phone; the audit keeps who and why",
            tag: "Members", access: .permission(RegistryPermission.membersUnmask), parameters: [.path("id", .id, "The member")],
            body: .json(UnmaskBody.self, limitBytes: 4_096), responses: [.json(200, UnmaskedMemberAnswer.self, "The person")],
            problems: [
                RegistryProblem.memberNotFound, AccountProblem.personForgotten, AccountProblem.reasonMissing,
                AccountProblem.tooManyAttempts, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let reason = try request.json(UnmaskBody.self).reasonInWords()
            let id = request.parameter("id", as: ID<Member>.self)
            let scope = request.scope(of: RegistryPermission.membersUnmask)
            let attempt = limits.attempts(limits.unmaskings, of: Array((request.principal?.subject ?? "").utf8))
            let answer = try await members.database.transaction { (transaction) async throws in
                guard let member = try await members.member(id, within: scope, in: transaction) else {
                    throw Problem(RegistryProblem.memberNotFound)
                }
                guard let person = member.person else { throw Problem(AccountProblem.personForgotten) }
                if let seconds = try await attempts.take(attempt, in: transaction) {
                    throw AccountProblem.tooMany(retryAfterSeconds: seconds)
                }
                try await audit.record(
                    "member.unmasked", subject: "member:\(id)", organization: member.organizationID,
                    details: ["reason": person.masked(in: reason)], request, in: transaction)
                return UnmaskedMemberAnswer(
                    id: id, name: person.name.text, nationalId: person.nationalID.text, phone: person.phone?.text)
            }
            return Response.json(answer).with("Cache-Control", "no-store")
        }
    }
}

struct UnmaskBody: Codable, Sendable, APIType {
    let reason: String

    static let schema = Schema.object(
        "UnmaskBody", "Why somebody must see it",
        [.required("reason", .string(5...200), "Kept in the audit: 电话核实住址. Without personal data")])

    func reasonInWords() throws(Problem) -> String {
        let words = reason.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard words.count >= 5 else {
            throw Problem(
                AccountProblem.reasonMissing,
                violations: [Violation("registry.reason_missing", pointer: "/reason", zh: "理由至少 5 个字", en: "5 characters at least")])
        }
        return words
    }
}

struct UnmaskedMemberAnswer: Codable, Sendable, APIType {
    let id: ID<Member>
    let name: String
    let nationalId: String
    let phone: String?

    static let schema = Schema.object(
        "UnmaskedMember", "A person in clear",
        [
            .required("id", .id), .required("name", .string(1...100)), .required("nationalId", .string(18...18)),
            .optional("phone", .string(11...11)),
        ])
}

extension PersonalData {
    /// `text` with this person's data masked, and with every long number hidden: what people write into a reason, although they should not.
    func masked(in text: String) -> String {
        var text = text.replacing(name.text, with: name.masked)
        text = text.replacing(nationalID.text, with: nationalID.masked)
        var masked = ""
        var run = ""
        func end() {
            masked += run.count < 7 ? run : String(repeating: "*", count: run.count)
            run = ""
        }
        for character in text {
            if character.isNumber || ((character == "X" || character == "x") && run.count == 17) {
                run.append(character)
            } else {
                end()
                masked.append(character)
            }
        }
        end()
        return masked
    }
}
