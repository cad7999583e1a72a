import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime

/// At the counter: redeeming, taking back, and what was taken without network.
struct RedemptionRoutes: Sendable {
    let redemptions: RedemptionStore
    let reader: VenueCodeReader
    let members: MemberStore
    let shown: ShownMembers
    let audit: AuditStore
    let idempotency: IdempotencyStore
    let clock: Clock

    var all: [Route] { [redeem, journal, annul, refund] }

    private static let requestID = Parameter.path("requestId", .uuid, "Of the redemption")

    private var redeem: Route {
        Route(
            .post, "/v1/redemptions", summary: "Redeems a coupon at the device's venue by a code, or says why not", tag: VenueRoutes.tag,
            access: .permission(RegistryPermission.couponsRedeem), body: .json(RedemptionBody.self, limitBytes: 4_096),
            responses: [.json(200, RedemptionAnswer.self, "What comes off the bill; or why nothing does")],
            problems: [
                VenueProblem.deviceOnly, VenueProblem.deviceUnbound, VenueProblem.requestIDReused, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let device = try Self.device(request)
            let scan = try scan(try request.json(RedemptionBody.self), device, nowMicroseconds: clock.nowMicroseconds)
            switch try await redemptions.redeem(scan) {
            case .unbound: throw Problem(VenueProblem.deviceUnbound)
            case .conflict: throw Problem(VenueProblem.requestIDReused)
            case .decided(let decided, _):
                var member: Member?
                if let id = decided.memberID { member = try await shown.member(id) }
                return Response.json(
                    RedemptionAnswer(
                        decided, member: member, requestID: scan.requestID.uuidString.lowercased(), request.language)
                ).with("Cache-Control", "no-store")
            }
        }
    }

    static func device(_ request: Request) throws(Problem) -> ID<Device> {
        guard let device = request.principal as? DevicePrincipal else { throw Problem(VenueProblem.deviceOnly) }
        return device.deviceID
    }

    private func scan(_ body: RedemptionBody, _ device: ID<Device>, nowMicroseconds: Int64?) throws(Problem) -> VenueScan {
        guard let id = UUID(uuidString: body.requestId), let occurredAt = Timestamp(dateTime: body.occurredAt) else {
            throw Problem(HTTPProblem.invalidBody)
        }
        return reader.scan(
            body.code, pin: body.pin,
            VenueCodeReader.Asked(
                requestID: id, deviceID: device, couponID: body.couponId, spendFen: body.spendFen, occurredAt: occurredAt),
            nowMicroseconds: nowMicroseconds ?? occurredAt.microseconds)
    }

    private var journal: Route {
        Route(
            .post, "/v1/redemptions/journal",
            summary: "Takes up what a device took without network, judged by the true times; again changes nothing",
            tag: VenueRoutes.tag, access: .permission(RegistryPermission.couponsRedeem),
            body: .json(RedemptionJournalBody.self, limitBytes: 524_288),
            responses: [.json(200, RedemptionJournalAnswer.self, "What became of each; all are done with")],
            problems: [VenueProblem.deviceOnly, VenueProblem.deviceUnbound, RegistryProblem.databaseUnavailable]
        ) { request in
            let device = try Self.device(request)
            let scans = try request.json(RedemptionJournalBody.self).items.map { item throws(Problem) in
                try scan(item, device, nowMicroseconds: nil)
            }
            let decisions = try await redemptions.redeem(batch: scans, isOffline: true)
            let shown = decisions.compactMap { if case .decided(let decided, _) = $0 { decided.memberID } else { nil } }
            let people = try await ShownMembers.people(shown, members)
            let items = try zip(scans, decisions).map { scan, decision throws(Problem) in
                let id = scan.requestID.uuidString.lowercased()
                switch decision {
                case .unbound: throw Problem(VenueProblem.deviceUnbound)
                case .conflict: return RedemptionJournalAnswer.Item(requestId: id, isConflict: true, redemption: nil)
                case .decided(let decided, _):
                    let answer = RedemptionAnswer(
                        decided, member: decided.memberID.flatMap { people[$0] }, requestID: id, request.language)
                    return RedemptionJournalAnswer.Item(requestId: id, isConflict: false, redemption: answer)
                }
            }
            return Response.json(RedemptionJournalAnswer(items: items)).with("Cache-Control", "no-store")
        }
    }

    // MARK: Taking back

    private var annul: Route {
        Route(
            .post, "/v1/redemptions/{requestId}/annul",
            summary: "Takes back what the device redeemed within the last 15 minutes, or asked for and got no answer",
            tag: VenueRoutes.tag, access: .permission(RegistryPermission.couponsRedeem), parameters: [Self.requestID],
            responses: [.json(200, UndoAnswer.self, "Taken back, now or before")],
            problems: [
                VenueProblem.deviceOnly, VenueProblem.deviceUnbound, VenueProblem.redemptionForeign, VenueProblem.annulmentTooLate,
                VenueProblem.notStanding, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let device = try Self.device(request)
            let id = try Self.requestID(request)
            return .json(try Self.answer(try await redemptions.annul(id, by: device), id).answer)
        }
    }

    private static func requestID(_ request: Request) throws(Problem) -> UUID {
        guard let id = UUID(uuidString: request.parameter("requestId", as: String.self)) else { throw Problem(HTTPProblem.notFound) }
        return id
    }

    private static func answer(
        _ outcome: RedemptionStore.UndoOutcome, _ id: UUID
    ) throws(Problem) -> (answer: UndoAnswer, undone: RedemptionStore.Undone) {
        switch outcome {
        case .undone(let undone):
            let answer = UndoAnswer(
                requestId: id.uuidString.lowercased(), wasTaken: undone.wasTaken, couponId: undone.couponID, amountFen: undone.amountFen,
                undoneAt: undone.at.description)
            return (answer, undone)
        case .notStanding: throw Problem(VenueProblem.notStanding)
        case .tooLate: throw Problem(VenueProblem.annulmentTooLate)
        case .foreign: throw Problem(VenueProblem.redemptionForeign)
        case .unknown: throw Problem(VenueProblem.redemptionUnknown)
        case .unbound: throw Problem(VenueProblem.deviceUnbound)
        }
    }

    private var refund: Route {
        Route(
            .post, "/v1/venues/{id}/redemptions/{requestId}/refund",
            summary: "Gives a redeemed coupon back to its person; after a settlement it is a negative line of the next",
            tag: VenueRoutes.tag, access: .permission(RegistryPermission.couponsWrite),
            parameters: [VenueRoutes.id, Self.requestID, IdempotencyStore.parameter], body: .json(VenueReasonBody.self, limitBytes: 4_096),
            responses: [.json(200, UndoAnswer.self, "Given back, now or before")],
            problems: [VenueProblem.redemptionUnknown, VenueProblem.notStanding] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(VenueReasonBody.self)
            let id = try Self.requestID(request)
            let venue: ID<Venue> = request.parameter("id")
            let scope = request.scope(of: RegistryPermission.couponsWrite)
            return try await idempotency.once(request) { querying in
                guard let reached = try await redemptions.organization(of: id, at: venue, within: scope, in: querying) else {
                    throw Problem(VenueProblem.redemptionUnknown)
                }
                let outcome = try await redemptions.refund(id, of: venue, reason: body.reason, by: request.actor, in: querying)
                let (answer, undone) = try Self.answer(outcome, id)
                if !undone.isRepeat {
                    try await audit.record(
                        "coupon.refunded", subject: "coupon:\(undone.couponID?.rawValue ?? 0)", organization: reached.organization,
                        details: [
                            "campaign": "\(reached.campaign)", "venue": "\(venue)", "request": id.uuidString.lowercased(),
                        ], request, in: querying)
                }
                return .json(answer)
            }
        }
    }
}
