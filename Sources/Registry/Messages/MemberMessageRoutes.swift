import HTTP
import Postgres
import Runtime

/// What a member was told, over HTTP.
struct MemberMessageRoutes: Sendable {
    let messages: MemberMessageStore
    let members: MemberStore

    var all: [Route] { [list, markRead] }

    private var list: Route {
        Route(
            .get, "/v1/me/messages", summary: "What you were told, the newest first; codes to sign in with are not among it", tag: "Me",
            access: .permission(RegistryPermission.me), parameters: PageCursor.parameters,
            responses: [.json(200, MemberMessageList.self, "A page, and how many you have not read")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (before, limit) = PageCursor.read(request, of: MemberMessage.self)
            let numbers = try await members.numbers(of: request.member.memberID)
            let found = try await messages.list(of: numbers, before: before, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            let unread = try await messages.unread(of: numbers)
            let answer = MemberMessageList(items: items.map { MemberMessageAnswer($0, request.language) }, next: next, unread: unread)
            return Response.json(answer).with("Cache-Control", "no-store")
        }
    }

    private var markRead: Route {
        Route(
            .post, "/v1/me/messages/read", summary: "Marks your messages up to one of them as read; again changes nothing", tag: "Me",
            access: .permission(RegistryPermission.me), body: .json(MessagesReadBody.self, limitBytes: 1_024),
            responses: [.json(200, MessagesReadAnswer.self, "How many you have not read")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let upTo = try request.json(MessagesReadBody.self).upTo
            let numbers = try await members.numbers(of: request.member.memberID)
            try await messages.markRead(of: numbers, upTo: upTo)
            return .json(MessagesReadAnswer(unread: try await messages.unread(of: numbers)))
        }
    }
}

struct MemberMessageAnswer: Codable, Sendable, APIType {
    let id: ID<MemberMessage>
    let at: String
    let kind: String
    let text: String
    let readAt: String?
    let subject: String?

    init(_ message: MemberMessage, _ language: Language) {
        id = message.id
        at = message.toldAt.description
        kind = message.kind
        text = message.text[language]
        readAt = message.readAt?.description
        subject = message.subject
    }

    static let schema = Schema.object(
        "MemberMessage", "Something you were told",
        [
            .required("id", .id), .required("at", .dateTime),
            .required("kind", .string(1...60), "checkup_appointment, policy_cover_ends, lesson_seat_offered …; new ones may come"),
            .required("text", .string(1...500), "In the language asked for"), .optional("readAt", .dateTime, "Absent: not read"),
            .optional("subject", .string(1...60), "What it is about: program:12, policy:4, class:7"),
        ])
}

struct MemberMessageList: Codable, Sendable, APIType {
    let items: [MemberMessageAnswer]
    let next: String?
    let unread: Int64

    static let schema = Schema.object(
        "MemberMessageList", "A page of messages, the newest first",
        [
            .required("items", .array(of: MemberMessageAnswer.schema, 0...200)), PageCursor.next,
            .required("unread", .integer(0...Int64.max), "Of all of them"),
        ])
}

struct MessagesReadBody: Codable, Sendable, APIType {
    let upTo: ID<MemberMessage>

    static let schema = Schema.object("MessagesReadBody", "What was read", [.required("upTo", .id, "This message and all before it")])
}

struct MessagesReadAnswer: Codable, Sendable, APIType {
    let unread: Int64

    static let schema = Schema.object(
        "MessagesRead", "What is left to read", [.required("unread", .integer(0...Int64.max), "Those that came since")])
}
