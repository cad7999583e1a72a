import HTTP
import Postgres
import Registry
import Runtime

/// Programs as a member sees them: which there are, and how it stands in one.
struct StandingRoutes: Sendable {
    let standings: StandingStore

    var all: [Route] { [list, read] }

    private var list: Route {
        Route(
            .get, "/v1/me/programs", summary: "Lists the programs that you may apply for, and those where you have or had something",
            tag: "Me", access: .permission(RegistryPermission.me), parameters: PageCursor.parameters,
            responses: [.json(200, MyProgramList.self, "A page, by the programs' numbers")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: UnionProgram.self)
            let found = try await standings.entries(of: request.member.memberID, after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit) { $0.programID }
            return .json(MyProgramList(items: items.map(MyProgramAnswer.init), next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/me/programs/{id}", summary: "How it stands with you in a program, in plain words: before the result and after",
            tag: "Me", access: .permission(RegistryPermission.me), parameters: [.path("id", .id, "The program")],
            responses: [.json(200, StandingAnswer.self, "How it stands")],
            problems: [ProgramProblem.notFound, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let standing = try await standings.standing(of: request.member.memberID, in: request.parameter("id")) else {
                throw Problem(ProgramProblem.notFound)
            }
            return Response.json(StandingAnswer(standing, request.language)).with("Content-Language", request.language.rawValue)
        }
    }
}

/// A program in a member's list.
struct MyProgramAnswer: Codable, Sendable, APIType {
    let id: ID<UnionProgram>
    let title: String
    let state: ProgramState
    let opensAt: String?
    let closesAt: String?
    let resultsAt: String?
    let isOpen: Bool
    let mayApply: Bool
    let application: OwnProgramApplicationAnswer?
    let award: AwardState?

    init(_ entry: StandingStore.Entry) {
        id = entry.programID
        title = entry.title
        state = entry.state
        opensAt = entry.opensAt?.description
        closesAt = entry.closesAt?.description
        resultsAt = entry.resultsAt?.description
        isOpen = entry.isOpen
        mayApply = entry.mayApply
        application = entry.application.map(OwnProgramApplicationAnswer.init)
        award = entry.awardState
    }

    static let schema = Schema.object(
        "MyProgram", "A program as a member sees it",
        [
            .required("id", .id), .required("title", .string(1...100)), .required("state", .oneOf(ProgramState.allCases.map(\.rawValue))),
            .optional("opensAt", .dateTime), .optional("closesAt", .dateTime), .optional("resultsAt", .dateTime),
            .required("isOpen", .boolean, "Whether applications are taken now"), .required("mayApply", .boolean, "Whether yours would be"),
            .optional("application", OwnProgramApplicationAnswer.schema), .optional("award", .oneOf(AwardState.allCases.map(\.rawValue))),
        ])
}

struct MyProgramList: Codable, Sendable, APIType {
    let items: [MyProgramAnswer]
    let next: String?

    static let schema = Schema.object(
        "MyProgramList", "A page of programs", [.required("items", .array(of: MyProgramAnswer.schema, 0...200)), PageCursor.next])
}

/// How it stands with a member in a program.
struct StandingAnswer: Codable, Sendable, APIType {
    struct Place: Codable, Sendable {
        let number: Int32
        let title: String
        let state: AwardState?
    }

    struct Waiting: Codable, Sendable {
        let place: Int
        let of: Int
    }

    let programId: ID<UnionProgram>
    let title: String
    let state: ProgramState
    let isOpen: Bool
    let mayApply: Bool
    let applicants: Int
    let application: OwnProgramApplicationAnswer?
    /// Of the award, or of the result where none hangs on it.
    let place: Place?
    let offeredUntil: String?
    let waiting: Waiting?
    let lines: [String]

    init(_ standing: Standing, _ language: Language) {
        programId = standing.programID
        title = standing.title
        state = standing.state
        isOpen = standing.isOpen
        mayApply = standing.isOpen && standing.ineligibility.isEmpty
        applicants = standing.applicants
        application = standing.application.map(OwnProgramApplicationAnswer.init)
        let number = standing.award?.number ?? standing.result?.number
        place = number.map { Place(number: $0, title: standing.sessions[$0]?.title ?? "#\($0)", state: standing.award?.state) }
        offeredUntil = standing.award?.offerEndsAt?.description
        waiting = standing.waitingNow.map { Waiting(place: $0.place, of: $0.of) }
        lines = StandingText(standing, language).lines
    }

    private static let place = Schema.object(
        "StandingPlace", "A place, and where it stands",
        [
            .required("number", .integer(1...65_535)), .required("title", .string(1...100)),
            .optional("state", .oneOf(AwardState.allCases.map(\.rawValue))),
        ])
    private static let waiting = Schema.object(
        "StandingWaiting", "A place on the waitlist as it is now",
        [.required("place", .integer(1...Int64.max), "1 is next"), .required("of", .integer(1...Int64.max))])

    static let schema = Schema.object(
        "ProgramStanding", "How it stands with a member in a program",
        [
            .required("programId", .id), .required("title", .string(1...100)),
            .required("state", .oneOf(ProgramState.allCases.map(\.rawValue))),
            .required("isOpen", .boolean), .required("mayApply", .boolean), .required("applicants", .integer(0...Int64.max)),
            .optional("application", OwnProgramApplicationAnswer.schema), .optional("place", place),
            .optional("offeredUntil", .dateTime, "Of an offer: confirm it before"), .optional("waiting", waiting),
            .required("lines", .array(of: .string(1...20_000), 0...200), "In plain words, in the language asked for"),
        ])
}
