import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Rosters: made, listed, downloaded, and noted as received.
struct RosterRoutes: Sendable {
    let desk: RosterDesk
    let audit: AuditStore
    let idempotency: IdempotencyStore

    static let path = "/v1/insurance-batches/{id}/rosters"
    private static let number = Parameter.path("number", .integer(1...Int64(Int32.max)), "The roster's number within the batch")
    private typealias P = RegistryPermission

    var all: [Route] { [make, list, download, receipt] }

    private var make: Route {
        Route(
            .post, Self.path,
            summary: "Takes all policies that wait for the insurer into one roster, half a million at most: they are sent from then on",
            tag: ProductRoutes.tag, access: .permission(P.insuranceFiles), parameters: [BatchRoutes.id, IdempotencyStore.parameter],
            responses: [.json(201, RosterAnswer.self, "The roster; its file is downloaded")],
            problems: [
                InsuranceProblem.batchUnknown, InsuranceProblem.wrongState, InsuranceProblem.insurerUnknown,
                InsuranceFileProblem.rosterEmpty,
            ] + IdempotencyStore.problems
        ) { request in
            try await idempotency.once(request) { querying in
                let id: ID<InsuranceBatch> = request.parameter("id")
                let roster = try await desk.make(
                    id, within: request.scope(of: P.insuranceFiles), by: ProgramLife.Actor(request), in: querying)
                return Response.json(RosterAnswer(roster), status: 201)
                    .with("Location", "/v1/insurance-batches/\(id)/rosters/\(roster.number)")
            }
        }
    }

    private var list: Route {
        Route(
            .get, Self.path, summary: "A batch's rosters, in the order in which they were made", tag: ProductRoutes.tag,
            access: .permission(P.insuranceFiles), parameters: [BatchRoutes.id] + PageCursor.parameters,
            responses: [.json(200, RosterList.self, "A page")],
            problems: [InsuranceProblem.batchUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let batch = try await found(request)
            let (after, limit) = PageCursor.read(request, of: InsuranceRoster.self)
            let rosters = try await desk.rosters.list(of: batch.id, after: Int32(clamping: after?.rawValue ?? 0), limit: limit + 1)
            let (items, next) = PageCursor.page(rosters, limit: limit) { ID<InsuranceRoster>(Int64($0.number)) }
            return .json(RosterList(items: items.map(RosterAnswer.init), next: next))
        }
    }

    private var download: Route {
        Route(
            .get, "\(Self.path)/{number}",
            summary: "A roster's file, in the insurer's form and in clear: needs the right to unmask, and a reason that is kept",
            tag: ProductRoutes.tag, access: .permission(P.insuranceFiles),
            parameters: [BatchRoutes.id, Self.number, .query("reason", .string(5...200), "Why it is read; kept", required: true)],
            responses: [
                .bytes(
                    200, ["text/csv"],
                    "The file, streamed. Roster-Content says first where it is what was first written, and changed where it is not")
            ],
            problems: [
                InsuranceProblem.batchUnknown, InsuranceFileProblem.rosterUnknown, InsuranceFileProblem.rosterNotPermitted,
                RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let batch = try await found(request)
            guard let roster = try await desk.rosters.roster(request.rosterNumber, of: batch.id),
                let product = try await desk.life.products.product(batch.productID)
            else { throw Problem(InsuranceFileProblem.rosterUnknown) }
            if roster.form.roster.contains(where: \.field.isPersonal) {
                guard try await desk.life.batches.find(batch.id, within: request.scope(of: P.membersUnmask)) != nil else {
                    throw Problem(InsuranceFileProblem.rosterNotPermitted)
                }
            }
            let file = RosterFile(form: roster.form, batch: batch, product: product)
            let digest = try await desk.digest(roster, file)
            let isFirst = digest.whole == roster.contentHash
            // Written down before the first byte leaves.
            try await desk.rosters.database.inTransaction { transaction in
                try await audit.record(
                    "insurance_roster.read", subject: "insurance_batch:\(batch.id)", organization: batch.organizationID,
                    details: [
                        "roster": "\(roster.number)", "lines": "\(roster.lines)", "reason": request.parameter("reason"),
                        "sha256": Hex.encode(digest.whole), "content": isFirst ? "first" : "changed",
                    ], request, in: transaction)
            }
            return Response.stream(contentType: roster.form.encoding.contentType) { writer in
                try await desk.write(roster, file, digest, writer)
            }
            .with("Content-Disposition", "attachment; filename=\"roster-\(batch.id)-\(roster.number).csv\"")
            .with("Cache-Control", "no-store")
            .with("ETag", "\"\(Hex.encode(digest.whole))\"")
            .with("Repr-Digest", "sha-256=:\(Data(digest.whole).base64EncodedString()):")
            .with("Roster-Content", isFirst ? "first" : "changed")
        }
    }

    private var receipt: Route {
        Route(
            .post, "\(Self.path)/{number}/receipt", summary: "Notes that the insurer has a roster; the first note stays",
            tag: ProductRoutes.tag, access: .permission(P.insuranceFiles),
            parameters: [BatchRoutes.id, Self.number, IdempotencyStore.parameter],
            responses: [.json(200, RosterAnswer.self, "The roster")],
            problems: [InsuranceProblem.batchUnknown, InsuranceFileProblem.rosterUnknown] + IdempotencyStore.problems
        ) { request in
            try await idempotency.once(request) { querying in
                let batch = try await found(request, in: querying)
                let actor = ProgramLife.Actor(request)
                guard
                    let (roster, isFirst) = try await desk.rosters.received(
                        request.rosterNumber, of: batch.id, by: actor.subject, in: querying)
                else { throw Problem(InsuranceFileProblem.rosterUnknown) }
                if isFirst {
                    try await audit.record(
                        "insurance_roster.received", subject: "insurance_batch:\(batch.id)", organization: batch.organizationID,
                        details: ["roster": "\(roster.number)"], request, in: querying)
                }
                return .json(RosterAnswer(roster))
            }
        }
    }

    private func found(_ request: Request, in querying: (any Querying)? = nil) async throws -> InsuranceBatch {
        guard
            let batch = try await desk.life.batches.find(
                request.parameter("id"), within: request.scope(of: P.insuranceFiles), in: querying)
        else { throw Problem(InsuranceProblem.batchUnknown) }
        return batch
    }
}

extension Request {
    fileprivate var rosterNumber: Int32 { Int32(clamping: parameter("number", as: Int64.self)) }
}
