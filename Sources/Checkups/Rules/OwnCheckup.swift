package import HTTP
package import Programs
import Registry
package import Runtime

/// A person's own place at a van, and what came of it.
package struct OwnCheckup: Codable, Sendable {
    package let campaignId: ID<UnionProgram>
    package let title: String
    package let state: AwardState
    package let offeredUntil: String?
    package let session: VanSession
    package let visit: VanVisit
    package let package: OwnCheckupPackage
    /// When the person was there.
    package let cameAt: String?
    package let report: OwnReport?
    /// Grows with every change of the place.
    let version: Int32
    let changedAt: String

    private enum CodingKeys: String, CodingKey {
        case campaignId, title, state, offeredUntil, session, visit, package, cameAt, report, version, changedAt
    }

    /// That a report is ready, and what is to follow; never what it says.
    package struct OwnReport: Codable, Sendable {
        package let readyAt: String
        package let followUp: FollowUpCode?
        package let followUpText: String?
        package let followUpUntil: String?
        package let doneAt: String?

        static let schema = Schema.object(
            "OwnReport", "That a report is ready, and what is to follow; never what it says",
            [
                .required("readyAt", .dateTime),
                .optional("followUp", .oneOf(FollowUpCode.allCases.map(\.rawValue))),
                .optional("followUpText", .string(1...100), "In the language asked for"),
                .optional("followUpUntil", .date),
                .optional("doneAt", .dateTime),
            ])
    }

    static let schema = Schema.object(
        "OwnCheckup", "A person's own place at a van",
        [
            .required("campaignId", .id),
            .required("title", .string(1...100)),
            .required("state", .oneOf(AwardState.allCases.map(\.rawValue))),
            .optional("offeredUntil", .dateTime, "Until when it waits for its confirmation"),
            .required("session", VanSession.schema),
            .required("visit", VanVisit.schema),
            .required("package", OwnCheckupPackage.schema),
            .optional("cameAt", .dateTime, "When the person was there"),
            .optional("report", OwnReport.schema),
            .required("version", .integer(1...Int64(Int32.max)), "Grows with every change of the place"),
            .required("changedAt", .dateTime),
        ])
}

/// All of a person's places at vans.
package struct OwnCheckupList: Codable, Sendable, APIType {
    package let items: [OwnCheckup]

    package static let schema = Schema.object(
        "OwnCheckupList", "All of a person's places at vans, the newest session first",
        [.required("items", .array(of: OwnCheckup.schema, 0...1_000))])
}

/// A visit that a worker may wish for.
package struct NearbyVisit: Codable, Sendable {
    package let visit: VanVisit
    package let title: String
    package let state: ProgramState
    package let closesAt: String?
    package let distanceMetres: Int64?
    package let isOfOwnOrganization: Bool
    package let seats: Int64
    package let package: OwnCheckupPackage

    static let fields: [Schema.Field] = [
        .required("visit", VanVisit.schema),
        .required("title", .string(1...100), "The campaign's"),
        .required("state", .oneOf(ProgramState.allCases.map(\.rawValue))),
        .optional("closesAt", .dateTime, "Until when one may apply"),
        .optional("distanceMetres", .integer(0...25_000_000), "As the crow flies; absent without a position"),
        .required("isOfOwnOrganization", .boolean, "Whether it is for the worker's own organization"),
        .required("seats", .integer(0...Int64.max), "Of all its sessions"),
        .required("package", OwnCheckupPackage.schema),
    ]

    static let schema = Schema.object("NearbyVisit", "A visit that a worker may wish for", fields)
}

/// Visits near by.
package struct NearbyVisitList: Codable, Sendable, APIType {
    package let items: [NearbyVisit]

    package static let schema = Schema.object(
        "NearbyVisitList", "Visits that are not over: the own organization's first, then by distance or day",
        [.required("items", .array(of: NearbyVisit.schema, 0...200))])
}

/// A session as a worker sees it.
package struct WishedSession: Codable, Sendable {
    package let number: Int32
    package let title: String
    package let startsAt: String
    package let endsAt: String
    /// Without those for walk-ins.
    package let seats: Int32
    package let left: Int32

    static let schema = Schema.object(
        "WishedSession", "A session as a worker sees it",
        [
            .required("number", .integer(1...65_535), "What a wish names"),
            .required("title", .string(1...100)),
            .required("startsAt", .dateTime),
            .required("endsAt", .dateTime),
            .required("seats", .integer(0...1_000_000_000), "Without those for walk-ins"),
            .required("left", .integer(0...1_000_000_000), "Not taken yet"),
        ])
}

/// A visit with its sessions.
package struct NearbyVisitAnswer: Codable, Sendable, APIType {
    package let visit: NearbyVisit
    package let sessions: [WishedSession]

    package static let schema = Schema.object(
        "NearbyVisitAnswer", "A visit with its sessions",
        [.required("visit", NearbyVisit.schema), .required("sessions", .array(of: WishedSession.schema, 0...65_535))])
}

/// Another time of the same visit.
package struct SwapBody: Codable, Sendable, APIType {
    package var session: Int32

    package init(session: Int32) { self.session = session }

    package static let schema = Schema.object(
        "CheckupSwap", "Another time of the same visit", [.required("session", .integer(1...65_535), "Its number")])
}
