import HTTP
import Postgres
import Registry
import Runtime

/// What members do about their lessons: say that they will not come, take a seat that is lent, see their marks.
struct OwnLessonRoutes: Sendable {
    let rolls: LessonRollStore
    let lent: LentSeatStore
    let members: MemberStore

    private typealias P = RegistryPermission
    private static let tag = "Me"

    var all: [Route] { [excuse, marks, offers, answer("take", true), answer("decline", false)] }

    private static func lesson(_ request: Request) -> (id: ID<SchoolClass>, number: Int16) {
        let number: Int64 = request.parameter("number")
        return (request.parameter("id"), Int16(clamping: number))
    }

    private var excuse: Route {
        Route(
            .post, "/v1/me/classes/{id}/lessons/{number}/excuse",
            summary: "Says in time that you will not come to a lesson: you are excused, and who waits may have the seat that evening",
            tag: Self.tag, access: .permission(P.me), parameters: [ClassRoutes.id, LessonDeskRoutes.number],
            responses: [.json(200, LessonExcuse.self, "Excused, now or before")],
            problems: SchoolDesk.reading + [
                SchoolProblem.lessonUnknown, AttendanceProblem.notSeated, AttendanceProblem.lessonCalledOff,
                AttendanceProblem.excuseTooLate,
                AttendanceProblem.onTheRoll,
            ]
        ) { request in
            let (me, lesson) = (request.member, Self.lesson(request))
            let (outcome, until) = try await rolls.excuse(me.memberID, from: lesson.id, lesson.number, by: me.subject)
            switch outcome {
            case .excused, .unchanged: break
            case .lessonUnknown: throw Problem(SchoolProblem.lessonUnknown)
            case .noSeat: throw Problem(AttendanceProblem.notSeated)
            case .lessonCancelled: throw Problem(AttendanceProblem.lessonCalledOff)
            case .tooLate:
                let time = until.map { "\(CalendarDate.inChina($0)) \(ClockTime($0))" } ?? ""
                throw Problem(
                    AttendanceProblem.excuseTooLate, detail: Localized(zh: "请假截止时间为 \(time)", en: "It could be said until \(time)"))
            case .alreadyMarked: throw Problem(AttendanceProblem.onTheRoll)
            }
            return .json(LessonExcuse(classId: lesson.id, number: Int32(lesson.number), state: .excused))
        }
    }

    private var marks: Route {
        Route(
            .get, "/v1/me/enrolments/{id}/attendance", summary: "Your marks in a class, and how often you came", tag: Self.tag,
            access: .permission(P.me), parameters: [.path("id", .id, "The enrolment")],
            responses: [.json(200, OwnAttendance.self, "The marks")], problems: SchoolDesk.reading + [SchoolProblem.enrolmentUnknown]
        ) { request in
            let numbers = try await members.numbers(of: request.member.memberID)
            let id: ID<Enrolment> = request.parameter("id")
            guard let seat = try await rolls.seat(id, of: numbers) else { throw Problem(SchoolProblem.enrolmentUnknown) }
            var rate = AttendanceRate(attended: 0, late: 0, excused: 0, absent: 0, percent: nil)
            if let classID = seat.classID, let found = try await rolls.rates(of: classID, member: seat.member, enrolment: id).first {
                rate = found.rate
            }
            return Response.json(OwnAttendance(rate: rate, marks: try await rolls.marks(of: id, member: seat.member)))
                .with("Cache-Control", "no-store")
        }
    }

    // MARK: Lent seats

    private var offers: Route {
        Route(
            .get, "/v1/me/lent-seats", summary: "Seats of single evenings that you were offered while you wait, the newest first",
            tag: Self.tag, access: .permission(P.me), responses: [.json(200, LentSeatList.self, "The offers")],
            problems: SchoolDesk.reading
        ) { request in
            let numbers = try await members.numbers(of: request.member.memberID)
            return Response.json(LentSeatList(items: try await lent.offers(to: numbers))).with("Cache-Control", "no-store")
        }
    }

    private func answer(_ name: String, _ takes: Bool) -> Route {
        Route(
            .post, "/v1/me/classes/{id}/lessons/{number}/lent-seat/\(name)",
            summary: takes
                ? "Takes the seat that is offered for an evening; the place in the queue stays"
                : "Leaves the seat of an evening to the next; the place in the queue stays", tag: Self.tag, access: .permission(P.me),
            parameters: [ClassRoutes.id, LessonDeskRoutes.number], responses: [.json(200, LentSeat.self, "How it stands now")],
            problems: SchoolDesk.reading + [
                AttendanceProblem.lentSeatUnknown, AttendanceProblem.lentSeatOver, AttendanceProblem.lentSeatBusy,
            ]
        ) { request in
            let numbers = try await members.numbers(of: request.member.memberID)
            let lesson = Self.lesson(request)
            switch try await lent.answer(lesson.id, lesson.number, of: numbers, takes: takes) {
            case .taken, .declined, .unchanged: break
            case .over: throw Problem(AttendanceProblem.lentSeatOver)
            case .busy: throw Problem(AttendanceProblem.lentSeatBusy)
            case .unknown: throw Problem(AttendanceProblem.lentSeatUnknown)
            }
            guard
                let now = try await lent.offers(to: numbers).first(where: {
                    $0.classId == lesson.id && $0.number == Int32(lesson.number)
                })
            else { throw Problem(AttendanceProblem.lentSeatUnknown) }
            return Response.json(now).with("Cache-Control", "no-store")
        }
    }
}

/// That somebody is excused.
struct LessonExcuse: Codable, Sendable, APIType {
    let classId: ID<SchoolClass>
    let number: Int32
    let state: AttendanceState

    static let schema = Schema.object(
        "LessonExcuse", "That you are excused",
        [
            .required("classId", .id), .required("number", .integer(1...400)),
            .required("state", .oneOf(AttendanceState.allCases.map(\.rawValue))),
        ])
}
