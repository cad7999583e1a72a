import HTTP
import MemberCode
import Postgres
import Runtime

/// What stands behind a code, for whoever scanned it.
struct JoinDoorAnswer: Codable, Sendable, APIType {
    let code: String
    let organizationName: String
    let organizationKind: OrganizationKind
    let isOpen: Bool
    let joinRule: JoinRule
    let fields: [JoinFieldAnswer]
    let consents: [JoinConsentAnswer]

    init(_ door: JoinCodeStore.Door, _ code: JoinCode) {
        self.code = code.text
        organizationName = door.organizationName
        organizationKind = door.kind
        isOpen = door.isCodeOpen && door.isOrganizationOpen
        joinRule = door.joinRule
        fields = ["name", "nationalId", "phone", "workerKind", "employmentForm"].map { JoinFieldAnswer(name: $0, isRequired: true) }
        consents = ConsentPurpose.allCases.map { JoinConsentAnswer(purpose: $0, isRequired: $0 == .registry) }
    }

    static let schema = Schema.object(
        "JoinDoor", "An organization that people join",
        [
            .required("code", .string(8...8)), .required("organizationName", .string(1...100)),
            .required("organizationKind", .oneOf(OrganizationKind.allCases.map(\.rawValue))),
            .required("isOpen", .boolean, "False when the code or the organization has ended"),
            .required("joinRule", .oneOf(JoinRule.allCases.map(\.rawValue)), "Whether somebody approves"),
            .required("fields", .array(of: JoinFieldAnswer.schema, 0...20), "What is asked"),
            .required("consents", .array(of: JoinConsentAnswer.schema, 0...20), "What is asked to be agreed to"),
        ])
}

struct JoinFieldAnswer: Codable, Sendable {
    let name: String
    let isRequired: Bool

    static let schema = Schema.object("JoinField", "A field", [.required("name", .string(1...40)), .required("isRequired", .boolean)])
}

struct JoinConsentAnswer: Codable, Sendable {
    let purpose: ConsentPurpose
    let isRequired: Bool

    static let schema = Schema.object(
        "JoinConsent", "A purpose",
        [.required("purpose", .oneOf(ConsentPurpose.allCases.map(\.rawValue))), .required("isRequired", .boolean)])
}

/// An application as its applicant sees it.
struct OwnApplicationAnswer: Codable, Sendable, APIType {
    let applicationId: ID<MemberApplication>
    let memberId: ID<Member>
    let state: ApplicationState
    let submittedAt: String
    let rejectReason: String?
    let secret: String?
    let card: MemberCodeAnswer?

    /// - Parameters:
    ///   - secret: shown with the submission alone.
    ///   - card: of who is provisional or a member.
    init(_ receipt: JoinOutcome.Receipt, secret: String?, card: MemberCodeAnswer?) {
        applicationId = receipt.applicationID
        memberId = receipt.memberID
        state = receipt.state
        submittedAt = receipt.submittedAt.description
        rejectReason = receipt.rejectReason
        self.secret = secret
        self.card = card
    }

    static let schema = Schema.object(
        "OwnApplication", "An application as its applicant sees it",
        [
            .required("applicationId", .id), .required("memberId", .id, "Also the number on the card"),
            .required("state", .oneOf(ApplicationState.allCases.map(\.rawValue))), .required("submittedAt", .dateTime),
            .optional("rejectReason", .string(1...500)),
            .optional("secret", .string(47...47), "Bearer token of this application, shown with the submission alone"),
            .optional("card", MemberCodeAnswer.schema, "A member code, provisional until the application is approved"),
        ])
}

/// An application as organizers see it.
struct ApplicationAnswer: Codable, Sendable, APIType {
    let id: ID<MemberApplication>
    let organizationId: ID<Organization>
    let memberId: ID<Member>
    let source: MemberApplication.Source
    let state: ApplicationState
    let submissions: Int
    let submittedAt: String
    let decidedAt: String?
    let rejectReason: String?
    let member: MemberAnswer?

    init(_ application: MemberApplication, _ member: Member?) {
        id = application.id
        organizationId = application.organizationID
        memberId = application.memberID
        source = application.source
        state = application.state
        submissions = application.submissions
        submittedAt = application.submittedAt.description
        decidedAt = application.decidedAt?.description
        rejectReason = application.rejectReason
        self.member = member.map(MemberAnswer.init)
    }

    static let schema = Schema.object(
        "Application", "Somebody who asked to become a member",
        [
            .required("id", .id), .required("organizationId", .id), .required("memberId", .id),
            .required("source", .oneOf(MemberApplication.Source.allCases.map(\.rawValue))),
            .required("state", .oneOf(ApplicationState.allCases.map(\.rawValue))),
            .required("submissions", .integer(1...1_000_000), "How often it was sent"), .required("submittedAt", .dateTime),
            .optional("decidedAt", .dateTime), .optional("rejectReason", .string(1...500)),
            .optional("member", MemberAnswer.schema, "Masked"),
        ])
}

struct ApplicationList: Codable, Sendable, APIType {
    let items: [ApplicationAnswer]
    let next: String?

    static let schema = Schema.object(
        "ApplicationList", "A page of applications",
        [.required("items", .array(of: ApplicationAnswer.schema, 0...200)), PageCursor.next])
}
