package import HTTP
package import Programs
package import Registry
package import Runtime

/// A program of checkups (体检活动): its sessions are times at a van.
package struct CheckupCampaign: Codable, Sendable, APIType {
    package let id: ID<UnionProgram>
    package let organizationId: ID<Organization>
    package let title: String
    package let state: ProgramState
    /// So long after its start a session's place waits for its person.
    package let graceMinutes: Int32
    /// So long before its start somebody may check in.
    package let earlyMinutes: Int32
    package let timeZone: String

    package static let schema = Schema.object(
        "CheckupCampaign", "A program of checkups",
        [
            .required("id", .id, "The program's"),
            .required("organizationId", .id),
            .required("title", .string(1...100)),
            .required("state", .oneOf(ProgramState.allCases.map(\.rawValue))),
            .required("graceMinutes", .integer(0...240), "So long after its start a session's place waits for its person"),
            .required("earlyMinutes", .integer(0...240), "So long before its start somebody may check in"),
            .required("timeZone", .string(1...64)),
        ])
}

/// What makes a program one of checkups.
package struct CheckupCampaignBody: Codable, Sendable, APIType {
    package var programId: ID<UnionProgram>
    package var graceMinutes: Int32?
    package var earlyMinutes: Int32?

    package init(programId: ID<UnionProgram>, graceMinutes: Int32? = nil, earlyMinutes: Int32? = nil) {
        self.programId = programId
        self.graceMinutes = graceMinutes
        self.earlyMinutes = earlyMinutes
    }

    package static let schema = Schema.object(
        "CheckupCampaignBody", "A program that is to be one of checkups",
        [
            .required("programId", .id, "The draft, whose sessions the vans' visits will bring"),
            .optional("graceMinutes", .integer(0...240), "15 by default"),
            .optional("earlyMinutes", .integer(0...240), "60 by default"),
        ])
}

/// A page of campaigns.
package struct CheckupCampaignList: Codable, Sendable, APIType {
    package let items: [CheckupCampaign]
    package let next: String?

    package static let schema = Schema.object(
        "CheckupCampaignList", "A page of campaigns", [.required("items", [CheckupCampaign].schema), PageCursor.next])
}
