import HTTP
import Postgres
import Runtime

/// A member in clear, for the person alone.
struct OwnMember: Encodable, Sendable {
    let id: ID<Member>
    let name: String?
    let nationalId: String?
    let phone: String?
    let sex: Sex
    let birthOn: String
    let organizationId: ID<Organization>
    let status: MemberStatus
    let workerKind: WorkerKind
    let employmentForm: EmploymentForm
    let hardshipPost: Bool
    let employerCheckup: Bool
    let mergedInto: ID<Member>?
    let createdAt: String
    let updatedAt: String

    init(_ member: Member) {
        id = member.id
        name = member.person?.name.text
        nationalId = member.person?.nationalID.text
        phone = member.person?.phone?.text
        sex = member.sex
        birthOn = member.birthOn.description
        organizationId = member.organizationID
        status = member.status
        workerKind = member.workerKind
        employmentForm = member.employmentForm
        hardshipPost = member.hardshipPost
        employerCheckup = member.employerCheckup
        mergedInto = member.mergedInto
        createdAt = member.createdAt.description
        updatedAt = member.updatedAt.description
    }
}

struct OwnDataAnswer: Encodable, Sendable, APIType {
    /// A section of any shape.
    struct Section: Encodable, Sendable {
        let value: any Encodable & Sendable

        func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
    }

    /// The member, and those found to be the same person.
    let members: [OwnMember]
    let organization: String?
    let sections: [String: Section]

    init(_ members: [OwnMember], _ organization: String?, _ sections: [String: Section]) {
        self.members = members
        self.organization = organization
        self.sections = sections
    }

    static let schema = Schema.object(
        "OwnData", "Everything stored about you",
        [
            .required("members", .array(of: .json, 0...1_000), "You, and who was found to be you, in clear"),
            .optional("organization", .string(1...100), "The name of your organization"),
            .required("sections", .map(of: .json), "attributes, consents, statusChanges, sessions, messages, accesses …"),
        ])
}

struct OwnErasureBody: Codable, Sendable, APIType {
    let confirm: String

    static let schema = Schema.object(
        "OwnErasureBody", "A word that nobody says by accident", [.required("confirm", .oneOf(["erase"]), "There is no way back")])
}

struct ErasureBody: Codable, Sendable, APIType {
    let confirm: String
    let reason: ErasureReason

    static let schema = Schema.object(
        "ErasureBody", "A word that nobody says by accident, and why",
        [
            .required("confirm", .oneOf(["erase"]), "There is no way back"),
            .required("reason", .oneOf(ErasureReason.allCases.map(\.rawValue))),
        ])
}

struct ErasureAnswer: Codable, Sendable, APIType {
    let memberIds: [ID<Member>]

    static let schema = Schema.object(
        "Erasure", "Who was forgotten",
        [.required("memberIds", .array(of: .id, 1...1_000), "All numbers of the person; their events and figures stay")])
}
