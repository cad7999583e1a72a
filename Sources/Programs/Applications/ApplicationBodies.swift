import Allocation
import HTTP
import Postgres
import Registry
import Runtime

/// Wishes.
struct WishesBody: Codable, Sendable, APIType, DirectlyReadable {
    let wishes: [Int32]

    init?(from json: inout JSONReader) {
        var wishes: [Int32]?
        let isRead = json.object { key, json in
            guard key == "wishes", wishes == nil else { return false }
            var read: [Int32] = []
            let isArray = json.array { json in
                guard let wish = json.integer().flatMap({ Int32(exactly: $0) }) else { return false }
                read.append(wish)
                return true
            }
            wishes = read
            return isArray
        }
        guard isRead, let wishes else { return nil }
        self.wishes = wishes
    }

    /// More than are taken may be sent, to be told so together with all else that is wrong.
    static let schema = Schema.object(
        "ProgramWishes", "What is wished for",
        [
            .required(
                "wishes", .array(of: .integer(1...65_535), 0...64),
                "Numbers of the program's sessions, the dearest first, at most \(ProgramApplication.wishCountMax); of a pool: 1")
        ])
}

/// An application as its person sees it.
struct OwnProgramApplicationAnswer: Codable, Sendable, APIType, DirectJSON {
    let programId: ID<UnionProgram>
    let state: ProgramApplication.State
    let ticket: String
    let wishes: [Int32]
    let appliedAt: String
    let changedAt: String

    init(_ application: ProgramApplication) {
        programId = application.programID
        state = application.state
        ticket = application.ticket.description
        wishes = application.wishes
        appliedAt = application.appliedAt.description
        changedAt = application.changedAt.description
    }

    init(_ receipt: ApplyOutcome.Receipt, to program: ID<UnionProgram>) {
        programId = program
        state = .applied
        ticket = receipt.ticket.description
        wishes = receipt.wishes
        appliedAt = receipt.appliedAt.description
        changedAt = receipt.changedAt.description
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("appliedAt", appliedAt)
            json.member("changedAt", changedAt)
            json.member("programId", programId.rawValue)
            json.member("state", state.rawValue)
            json.member("ticket", ticket)
            json.member("wishes", elements: { json in for wish in wishes { json.value(Int64(wish)) } })
        }
    }

    static let schema = Schema.object(
        "OwnProgramApplication", "An application to a program",
        [
            .required("programId", .id), .required("state", .oneOf(ProgramApplication.State.allCases.map(\.rawValue))),
            .required("ticket", .string(1...8), "The pseudonym under which the result is published"),
            .required("wishes", .array(of: .integer(1...65_535), 1...8)), .required("appliedAt", .dateTime),
            .required("changedAt", .dateTime),
        ])
}

/// An application as organizers see it: the person by number and masked.
struct ProgramApplicationAnswer: Codable, Sendable, APIType {
    let memberId: ID<Member>
    let name: String?
    let phone: String?
    let organizationId: ID<Organization>
    let state: ProgramApplication.State
    let ticket: String
    let wishes: [Int32]
    let priority: Int32
    let points: Int64
    /// By their names in the rules.
    let groups: [String]
    let appliedBy: String
    let appliedAt: String
    let changedAt: String

    init(_ application: ProgramApplication, _ member: Member?, _ rules: ProgramRules) {
        memberId = application.memberID
        name = member?.person?.name.masked
        phone = member?.person?.phone?.masked
        organizationId = application.organizationID
        state = application.state
        ticket = application.ticket.description
        wishes = application.wishes
        priority = application.priority
        points = application.points
        groups = rules.groups.indices.filter { application.groups >> Int16($0) & 1 == 1 }.map { rules.groups[$0].name }
        appliedBy = application.appliedBy
        appliedAt = application.appliedAt.description
        changedAt = application.changedAt.description
    }

    static let schema = Schema.object(
        "ProgramApplication", "An application to a program; the person is masked",
        [
            .required("memberId", .id), .optional("name", .string(1...10), "张*"), .optional("phone", .string(11...11), "138****5678"),
            .required("organizationId", .id, "When the application was made"),
            .required("state", .oneOf(ProgramApplication.State.allCases.map(\.rawValue))), .required("ticket", .string(1...8)),
            .required("wishes", .array(of: .integer(1...65_535), 1...8)), .required("priority", .integer(1...65_535), "The class"),
            .required("points", .integer(0...4_294_967_295)), .required("groups", .array(of: .string(1...100), 0...8)),
            .required("appliedBy", .string(1...100)), .required("appliedAt", .dateTime), .required("changedAt", .dateTime),
        ])
}

struct ProgramApplicationList: Codable, Sendable, APIType {
    let items: [ProgramApplicationAnswer]
    let next: String?

    static let schema = Schema.object(
        "ProgramApplicationList", "A page of applications, by their tickets",
        [
            .required("items", .array(of: ProgramApplicationAnswer.schema, 0...200)),
            .optional("next", .string(1...8), "Where the list goes on; absent on the last page"),
        ])
}
