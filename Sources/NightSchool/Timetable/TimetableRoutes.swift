import HTTP
import Postgres
import Registry
import Runtime

/// A member's lessons: as a list, as a file, and at an address for calendars.
struct TimetableRoutes: Sendable {
    let timetable: TimetableStore
    let members: MemberStore
    let clock: Clock

    private typealias P = RegistryPermission
    private static let tag = "Me"

    var all: [Route] { [list, file, make, end, feed] }

    private static func start(of day: CalendarDate) -> Timestamp {
        Timestamp(microseconds: (Int64(day.daysSince1970) * 24 - 8) * 3_600_000_000)
    }

    private func day(_ name: String, _ request: Request) -> CalendarDate? {
        request.optionalParameter(name, as: String.self).flatMap { CalendarDate(text: $0) }
    }

    private func lessons(of member: ID<Member>, from: CalendarDate, to: CalendarDate) async throws(PostgresError) -> [TimetableLesson] {
        let after = CalendarDate(daysSince1970: to.daysSince1970 + 1)
        return try await timetable.lessons(
            of: await members.numbers(of: member), from: Self.start(of: from), until: Self.start(of: after))
    }

    private var list: Route {
        Route(
            .get, "/v1/me/lessons", summary: "Your lessons from one day to another, as they come; lent seats too", tag: Self.tag,
            access: .permission(P.me),
            parameters: [
                .query("from", .date, "The first day; today when absent"),
                .query("to", .date, "The last day; a week when absent, \(Timetable.daysMax) days at most"),
            ],
            responses: [.json(200, Timetable.self, "The lessons")], problems: SchoolDesk.reading + [SchoolProblem.invalid]
        ) { request in
            let today = CalendarDate.inChina(Timestamp(microseconds: clock.nowMicroseconds))
            let from = day("from", request) ?? today
            let to = day("to", request) ?? CalendarDate(daysSince1970: from.daysSince1970 + 6)
            guard (0..<Timetable.daysMax).contains(to.daysSince1970 - from.daysSince1970) else {
                throw SchoolProblem.invalid([
                    Violation(
                        "school.days_out_of_order", pointer: "/to", zh: "结束日期应在开始日期之后 \(Timetable.daysMax) 天以内",
                        en: "The last day lies within \(Timetable.daysMax) days from the first")
                ])
            }
            return Response.json(
                Timetable(from: from, to: to, items: try await lessons(of: request.member.memberID, from: from, to: to))
            ).with("Cache-Control", "no-store")
        }
    }

    /// From a hundred days ago, so that a calendar keeps what was, for a year.
    private func calendar(of member: ID<Member>) async throws(PostgresError) -> Response {
        let today = CalendarDate.inChina(Timestamp(microseconds: clock.nowMicroseconds))
        let found = try await lessons(
            of: member, from: CalendarDate(daysSince1970: today.daysSince1970 - 100),
            to: CalendarDate(daysSince1970: today.daysSince1970 + 366))
        return Response.text(
            CalendarFile(product: "NightSchool", events: found.map(\.event)).text, contentType: "text/calendar; charset=utf-8"
        )
        .with("Content-Disposition", "attachment; filename=\"lessons.ics\"").with("Cache-Control", "private, no-cache")
    }

    private var file: Route {
        Route(
            .get, "/v1/me/lessons/calendar.ics", summary: "Your lessons as a calendar file", tag: Self.tag, access: .permission(P.me),
            responses: [.bytes(200, ["text/calendar"], "RFC 5545, times in UTC")], problems: SchoolDesk.reading
        ) { request in
            try await calendar(of: request.member.memberID)
        }
    }

    private var make: Route {
        Route(
            .post, "/v1/me/lessons/calendar-address",
            summary: "Makes an address at which your phone's calendar asks for your lessons; the one before ends", tag: Self.tag,
            access: .permission(P.me), responses: [.json(201, CalendarAddress.self, "Told once")], problems: SchoolDesk.reading
        ) { request in
            let token = try await timetable.makeAddress(of: request.member.memberID)
            return Response.json(CalendarAddress(path: "/v1/calendars/\(token)/lessons.ics"), status: 201)
                .with("Cache-Control", "no-store")
        }
    }

    private var end: Route {
        Route(
            .delete, "/v1/me/lessons/calendar-address", summary: "Ends the address at which calendars ask for your lessons", tag: Self.tag,
            access: .permission(P.me), responses: [.empty(204, "None any more")], problems: SchoolDesk.reading
        ) { request in
            try await timetable.endAddress(of: [request.member.memberID])
            return .empty(204)
        }
    }

    private var feed: Route {
        Route(
            .get, "/v1/calendars/{token}/lessons.ics", summary: "A member's lessons, for calendars that know the address",
            tag: SchoolDesk.tag, access: .anyone, parameters: [.path("token", .string(10...100), "Of the address")],
            responses: [.bytes(200, ["text/calendar"], "RFC 5545, times in UTC")],
            problems: SchoolDesk.reading + [SchoolProblem.calendarUnknown]
        ) { request in
            guard let member = try await timetable.member(at: request.parameter("token", as: String.self)) else {
                throw Problem(SchoolProblem.calendarUnknown)
            }
            return try await calendar(of: member)
        }
    }
}
