import HTTP
import Postgres
import Runtime

struct OrganizationBody: Codable, Sendable, APIType {
    let parentId: ID<Organization>?
    let kind: OrganizationKind
    let name: String

    static let schema = Schema.object(
        "OrganizationBody", "An organization to be",
        [
            .optional("parentId", .id, "Absent for a root"),
            .required("kind", .oneOf(OrganizationKind.allCases.map(\.rawValue)), "What it is"),
            .required("name", .string(1...100), "Unique below its parent"),
        ])
}

struct OrganizationAnswer: Codable, Sendable, APIType {
    let id: ID<Organization>
    let parentId: ID<Organization>?
    let kind: OrganizationKind
    let name: String
    let nameEn: String?
    let members: Int64?
    let membersWithin: Int64?
    let createdAt: String
    let state: OrganizationRecord.State
    let closedAt: String?
    let closeReason: String?
    let joinRule: JoinRule
    let creditCode: String?
    let address: String?
    let industry: IndustrySection?
    let contactPhone: String?
    let foundedOn: String?
    let employees: Int?
    let employeesFemale: Int?
    let membersStated: Int?
    let chairName: String?
    let chairElectedOn: String?
    let renewal: OrganizationRecord.RenewalState
    let renewedOn: String
    let updatedAt: String

    init(_ record: OrganizationRecord, _ count: OrganizationProfileStore.Count? = nil) {
        let organization = record.organization
        let profile = record.profile
        id = organization.id
        parentId = organization.parentID
        kind = organization.kind
        name = organization.name
        nameEn = profile.nameEn
        members = count?.own
        membersWithin = count?.within
        createdAt = organization.createdAt.description
        state = record.state
        closedAt = record.closedAt?.description
        closeReason = record.closeReason
        joinRule = profile.joinRule
        creditCode = profile.creditCode?.text
        address = profile.address
        industry = profile.industry
        contactPhone = profile.contactPhone
        foundedOn = profile.foundedOn?.description
        employees = profile.employees
        employeesFemale = profile.employeesFemale
        membersStated = profile.membersStated
        chairName = profile.chairName
        chairElectedOn = profile.chairElectedOn?.description
        renewal = record.renewal
        renewedOn = record.renewedOn.description
        updatedAt = record.updatedAt.description
    }

    static let schema = Schema.object(
        "Organization", "A node of the union's tree",
        [
            .required("id", .id), .optional("parentId", .id, "Absent for a root"),
            .required("kind", .oneOf(OrganizationKind.allCases.map(\.rawValue))), .required("name", .string(1...100)),
            .optional("nameEn", .string(1...100), "Absent: it has none"),
            .optional("members", .integer(0...Int64.max), "Who belongs to it itself, in lists that were asked for counts"),
            .optional("membersWithin", .integer(0...Int64.max), "And to all below it"),
            .required("createdAt", .dateTime),
            .required("state", .oneOf(OrganizationRecord.State.allCases.map(\.rawValue)), "A closed one takes no members"),
            .optional("closedAt", .dateTime), .optional("closeReason", .string(1...500)),
            .required("joinRule", .oneOf(JoinRule.allCases.map(\.rawValue)), "What happens to who passes the automatic checks"),
            .optional("creditCode", .string(18...18), "统一社会信用代码"),
            .optional("industry", .oneOf(IndustrySection.allCases.map(\.rawValue)), "Section of GB/T 4754-2017"),
            .optional("foundedOn", .date),
            .required(
                "renewal", .oneOf(OrganizationRecord.RenewalState.allCases.map(\.rawValue)),
                "Whether the yearly fields were renewed for this half-year"),
            .required("renewedOn", .date, "The last time, or the day it was entered"), .required("updatedAt", .dateTime),
        ] + OrganizationChangeBody.yearlyFields)
}

struct OrganizationList: Codable, Sendable, APIType {
    let items: [OrganizationAnswer]
    let next: String?

    static let schema = Schema.object(
        "OrganizationList", "A page of organizations",
        [.required("items", .array(of: OrganizationAnswer.schema, 0...200)), PageCursor.next])
}

struct OrganizationMoveBody: Codable, Sendable, APIType {
    let parentId: ID<Organization>?
    let reason: String

    static let schema = Schema.object(
        "OrganizationMoveBody", "Where a subtree is to hang",
        [.optional("parentId", .id, "Absent for a root"), .required("reason", .string(1...500), "Kept in the history")])
}

struct OrganizationMoveAnswer: Codable, Sendable, APIType {
    let parentIdBefore: ID<Organization>?
    let parentIdAfter: ID<Organization>?
    let reason: String
    let movedBy: String
    let movedAt: String

    init(_ move: OrganizationMove) {
        parentIdBefore = move.parentIDBefore
        parentIdAfter = move.parentIDAfter
        reason = move.reason
        movedBy = move.movedBy
        movedAt = move.movedAt.description
    }

    static let schema = Schema.object(
        "OrganizationMove", "Where an organization hung before",
        [
            .optional("parentIdBefore", .id), .optional("parentIdAfter", .id), .required("reason", .string(1...500)),
            .required("movedBy", .string(1...100)), .required("movedAt", .dateTime),
        ])
}

struct OrganizationMoveList: Codable, Sendable, APIType {
    let items: [OrganizationMoveAnswer]

    static let schema = Schema.object(
        "OrganizationMoveList", "The moves of an organization itself, the newest first",
        [.required("items", .array(of: OrganizationMoveAnswer.schema, 0...200))])
}

struct OrganizationRenewalAnswer: Codable, Sendable, APIType {
    let halfYearOn: String
    let employees: Int?
    let employeesFemale: Int?
    let membersStated: Int?
    let chairName: String?
    let chairElectedOn: String?
    let contactPhone: String?
    let address: String?
    let renewedBy: String
    let renewedAt: String

    init(_ renewal: OrganizationRenewal) {
        halfYearOn = renewal.halfYearOn.description
        employees = renewal.fields.employees
        employeesFemale = renewal.fields.employeesFemale
        membersStated = renewal.fields.membersStated
        chairName = renewal.fields.chairName
        chairElectedOn = renewal.fields.chairElectedOn?.description
        contactPhone = renewal.fields.contactPhone
        address = renewal.fields.address
        renewedBy = renewal.renewedBy
        renewedAt = renewal.renewedAt.description
    }

    static let schema = Schema.object(
        "OrganizationRenewal", "The yearly fields as they were renewed",
        [
            .required("halfYearOn", .date, "The first day of the half-year"), .required("renewedBy", .string(1...100)),
            .required("renewedAt", .dateTime),
        ] + OrganizationChangeBody.yearlyFields)
}

struct OrganizationRenewalList: Codable, Sendable, APIType {
    let items: [OrganizationRenewalAnswer]

    static let schema = Schema.object(
        "OrganizationRenewalList", "Renewals, the newest first",
        [.required("items", .array(of: OrganizationRenewalAnswer.schema, 0...200))])
}

/// Why something is done; kept in the history, and nowhere else.
struct ReasonBody: Codable, Sendable, APIType {
    let reason: String

    static let schema = Schema.object("ReasonBody", "Why", [.required("reason", .string(1...500), "Kept in the history")])
}
