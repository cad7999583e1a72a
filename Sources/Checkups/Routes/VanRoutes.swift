import FoundationEssentials
import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// At the van: checking in, waiting without a place, calling the next.
struct VanRoutes: Sendable {
    let reach: VisitReach
    let checkIns: CheckInStore
    let walkIns: WalkInStore
    let reader: VanCodeReader
    let people: VanPeople
    let clock: Clock

    var all: [Route] { [checkIn, walkIn, callNext] }

    private static let problems = [
        CheckupProblem.visitUnknown, CheckupProblem.requestIDReused, RegistryProblem.databaseUnavailable,
    ]

    private var checkIn: Route {
        Route(
            .post, "/v1/checkups/visits/{id}/check-ins", summary: "Checks somebody in at a van by the code, or says why not",
            tag: CampaignRoutes.tag, access: .permission(RegistryPermission.checkupsOperate), parameters: [VisitReach.id],
            body: .json(VanScanBody.self, limitBytes: 4_096),
            responses: [.json(200, VanAnswer.self, "Who, when, which package; or why not")],
            problems: Self.problems
        ) { request in
            let visit = try await reach.visit(request, RegistryPermission.checkupsOperate)
            let scan = try scan(request, "check-in", at: visit)
            return try await answer(try await checkIns.checkIn(scan), scan, visit, request.language)
        }
    }

    private var walkIn: Route {
        Route(
            .post, "/v1/checkups/visits/{id}/walk-ins", summary: "Lets somebody without a place wait at a van for one",
            tag: CampaignRoutes.tag, access: .permission(RegistryPermission.checkupsOperate), parameters: [VisitReach.id],
            body: .json(VanScanBody.self, limitBytes: 4_096), responses: [.json(200, VanAnswer.self, "How many stand before; or why not")],
            problems: Self.problems
        ) { request in
            let visit = try await reach.visit(request, RegistryPermission.checkupsOperate)
            let scan = try scan(request, "walk-in", at: visit)
            return try await answer(try await walkIns.wait(scan, at: visit), scan, visit, request.language)
        }
    }

    private func scan(_ request: Request, _ purpose: String, at visit: VanVisit) throws(Problem) -> VanScan {
        let body = try request.json(VanScanBody.self)
        guard let id = UUID(uuidString: body.requestId), let occurredAt = Timestamp(dateTime: body.occurredAt) else {
            throw Problem(HTTPProblem.invalidBody)
        }
        let code = reader.read(body.code, pin: body.pin, nowMicroseconds: clock.nowMicroseconds)
        return VanScan(
            requestID: id, visitID: visit.id, code: code, occurredAt: occurredAt,
            fingerprint: reader.fingerprint(purpose, code, occurredAt: occurredAt), doneBy: request.principal?.subject ?? "anyone")
    }

    private func answer(_ decision: VanDecision, _ scan: VanScan, _ visit: VanVisit, _ language: Language) async throws -> Response {
        let decided: VanDecision.Decided
        switch decision {
        case .decided(let found, _): decided = found
        case .conflict: throw Problem(CheckupProblem.requestIDReused)
        case .visitUnknown: throw Problem(CheckupProblem.visitUnknown)
        }
        var member: VanMember?
        if let id = decided.memberID { member = try await people.find([id]).first }
        var place: (session: VanSession, package: OwnCheckupPackage)?
        if let number = decided.number, let member {
            place = try await reach.visits.place(number, of: visit, kind: member.workerKind)
        }
        return .json(
            VanAnswer(
                outcome: decided.outcome, reasons: decided.reasons.map { CheckupReasonAnswer($0, language) }, member: member,
                session: place?.session, package: place?.package, ahead: decided.ahead, decidedAt: decided.decidedAt.description,
                requestId: scan.requestID.uuidString.lowercased())
        ).with("Cache-Control", "no-store")
    }

    private var callNext: Route {
        Route(
            .post, "/v1/checkups/visits/{id}/walk-ins/next",
            summary: "Calls the next who wait: into free places, and into those of who did not come, the same floor's members first",
            tag: CampaignRoutes.tag, access: .permission(RegistryPermission.checkupsOperate), parameters: [VisitReach.id],
            body: .json(CallBody.self, limitBytes: 1_024),
            responses: [.json(200, CallAnswer.self, "Who is called; nobody when no place is free")],
            problems: [CheckupProblem.visitUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let body = try request.json(CallBody.self)
            guard let id = UUID(uuidString: body.requestId) else { throw Problem(HTTPProblem.invalidBody) }
            let visit = try await reach.visit(request, RegistryPermission.checkupsOperate)
            let subject = request.principal?.subject ?? "anyone"
            let (called, waiting) = try await walkIns.database.transaction { (transaction) async throws(PostgresError) in
                let called = try await walkIns.callNext(id, count: body.count ?? 1, at: visit.id, by: subject, in: transaction)
                return (called, try await walkIns.waiting(at: visit.id, in: transaction))
            }
            let members = try await people.find(called.map(\.memberID))
            let sessions = try await reach.visits.sessions(of: visit.id)
            let items = called.compactMap { one -> CallAnswer.Called? in
                guard let member = members.first(where: { $0.memberId == one.memberID }),
                    let session = sessions.first(where: { $0.number == one.number })
                else { return nil }
                return CallAnswer.Called(member: member, session: session, isOfMissing: one.isOfMissing)
            }
            return Response.json(CallAnswer(items: items, waiting: waiting)).with("Cache-Control", "no-store")
        }
    }
}
