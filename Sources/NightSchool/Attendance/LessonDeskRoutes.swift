import Crypto
import FoundationEssentials
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime

/// At the room: codes are scanned, and what was recorded without network is taken up.
struct LessonDeskRoutes: Sendable {
    let list: ClassListStore
    let rolls: LessonRollStore
    let scans: LessonScanStore
    let reader: LessonCodeReader
    let people: LessonPeople
    let publicKeys: [LessonDesk.PublicKey]
    let clock: Clock

    private typealias P = RegistryPermission
    static let number = Parameter.path("number", .id, "The lesson's number in its class")

    var all: [Route] { [desk, scan, journal] }

    static func publicKeys(_ keys: Keys) -> [LessonDesk.PublicKey] {
        keys.memberCodePublicKeys.sorted { $0.key < $1.key }.map {
            LessonDesk.PublicKey(id: $0.key, key: Base64URL.encode($0.value.bytes))
        }
    }

    private static func device(_ request: Request) throws(Problem) -> ID<Device> {
        guard let device = request.principal as? DevicePrincipal else { throw Problem(AttendanceProblem.deviceOnly) }
        return device.deviceID
    }

    private var desk: Route {
        Route(
            .get, "/v1/lesson-desk",
            summary: "What a room's device needs to record without network: its lessons, who has a seat, public keys", tag: SchoolDesk.tag,
            access: .permission(P.schoolsOperate), responses: [.json(200, LessonDesk.self, "All of one moment")],
            problems: SchoolDesk.reading + [AttendanceProblem.deviceOnly, AttendanceProblem.deviceUnbound]
        ) { request in
            guard let room = try await rolls.room(of: try Self.device(request)) else { throw Problem(AttendanceProblem.deviceUnbound) }
            return Response.json(
                LessonDesk(
                    serverTime: try await rolls.now(), roomId: room, publicKeys: publicKeys,
                    lessons: try await people.named(try await rolls.rolls(in: room)))
            ).with("Cache-Control", "no-store")
        }
    }

    private var scan: Route {
        Route(
            .post, "/v1/classes/{id}/lessons/{number}/scans", summary: "Puts somebody on a lesson's roll by the code, or says why not",
            tag: SchoolDesk.tag, access: .permission(P.schoolsOperate), parameters: [ClassRoutes.id, Self.number],
            body: .json(LessonScanBody.self, limitBytes: 4_096),
            responses: [.json(200, LessonScanAnswer.self, "Attended or late; or why not")],
            problems: SchoolDesk.reading + [
                SchoolProblem.classUnknown, SchoolProblem.lessonUnknown, AttendanceProblem.scanIDReused,
            ]
        ) { request in
            let body = try request.json(LessonScanBody.self)
            guard let id = UUID(requestID: body.requestId) else { throw Problem(HTTPProblem.invalidBody) }
            let number: Int64 = request.parameter("number")
            let lesson: (id: ID<SchoolClass>, number: Int16) = (request.parameter("id"), Int16(clamping: number))
            let device = (request.principal as? DevicePrincipal)?.deviceID
            if device == nil {
                var filter = ClassListStore.Filter()
                filter.scope = request.scope(of: P.schoolsOperate)
                guard try await list.find(lesson.id, filter) != nil else { throw Problem(SchoolProblem.classUnknown) }
            }
            let scan = reader.scan(
                body.code, pin: body.pin, at: lesson, request: id, device: device, occurredAt: body.occurredAt, by: request.actor,
                nowMicroseconds: clock.nowMicroseconds)
            switch try await scans.scan(scan) {
            case .conflict: throw Problem(AttendanceProblem.scanIDReused)
            case .lessonUnknown: throw Problem(SchoolProblem.lessonUnknown)
            case .decided(let decided, _):
                return Response.json(try await answers([(scan, .decided(decided, isRepeat: false))], request.language)[0])
                    .with("Cache-Control", "no-store")
            }
        }
    }

    private var journal: Route {
        Route(
            .post, "/v1/lesson-scans/journal",
            summary: "Takes up what a room's device recorded without network, judged by the true times; again changes nothing",
            tag: SchoolDesk.tag, access: .permission(P.schoolsOperate), body: .json(LessonJournalBody.self, limitBytes: 786_432),
            responses: [.json(200, LessonJournalAnswer.self, "What became of each; all are done with")],
            problems: SchoolDesk.reading + [AttendanceProblem.deviceOnly]
        ) { request in
            let device = try Self.device(request)
            let scans = try request.json(LessonJournalBody.self).items.map { item throws(Problem) in
                guard let id = UUID(requestID: item.requestId) else { throw Problem(HTTPProblem.invalidBody) }
                return reader.scan(
                    item.code, pin: item.pin, at: (item.classId, item.number), request: id, device: device, occurredAt: item.occurredAt,
                    by: request.actor, nowMicroseconds: item.occurredAt.microseconds)
            }
            let decisions = try await self.scans.scan(batch: scans)
            return Response.json(LessonJournalAnswer(items: try await answers(Array(zip(scans, decisions)), request.language)))
                .with("Cache-Control", "no-store")
        }
    }

    private func answers(
        _ decided: [(scan: LessonScan, decision: LessonScan.Decision)], _ language: Language
    ) async throws(PostgresError) -> [LessonScanAnswer] {
        let shown = decided.compactMap { one -> ID<Member>? in
            if case .decided(let decided, _) = one.decision { decided.memberID } else { nil }
        }
        let names = try await people.names(shown)
        return decided.map { scan, decision in
            let id = scan.requestID.requestIDText
            func answer(_ outcome: LessonScanAnswer.Outcome, _ decided: LessonScan.Decided?) -> LessonScanAnswer {
                LessonScanAnswer(
                    requestId: id, outcome: outcome, state: decided?.state, isGuest: decided?.isGuest ?? false,
                    reasons: (decided?.reasons ?? []).map { AttendanceReasonAnswer($0, language) },
                    member: decided?.memberID.map { LessonMember(memberId: $0, maskedName: names[$0]) }, decidedAt: decided?.decidedAt)
            }
            return switch decision {
            case .conflict: answer(.conflict, nil)
            case .lessonUnknown: answer(.lessonUnknown, nil)
            case .decided(let decided, _): answer(decided.state == nil ? .refused : .recorded, decided)
            }
        }
    }
}
