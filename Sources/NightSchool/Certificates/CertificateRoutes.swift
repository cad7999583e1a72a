import HTTP
import MemberCode
import Postgres
import Registry
import Runtime

/// Certificates: their persons print them, everybody may ask whether one stands, organizers revoke.
struct CertificateRoutes: Sendable {
    let desk: SchoolDesk
    let list: ClassListStore
    let certificates: CertificateStore
    let members: MemberStore
    let people: LessonPeople
    let codes: PaperCode
    let limiter: SubmissionLimiter

    private typealias P = RegistryPermission
    private static let id = Parameter.path("id", .id, "The certificate")

    var all: [Route] { [own, page, check, ofClass, revoke] }

    private func own(_ request: Request) async throws -> [CompletionCertificate] {
        let me = request.member.memberID
        let found = try await certificates.list(of: try await members.numbers(of: me))
        let name = try await members.member(me)?.person?.name.text
        return found.map { certificate in
            var certificate = certificate
            certificate.name = name
            certificate.code = codes.text(certificate.number)
            return certificate
        }
    }

    private var own: Route {
        Route(
            .get, "/v1/me/certificates", summary: "Your certificates of completion, the newest first", tag: "Me",
            access: .permission(P.me), responses: [.json(200, CompletionCertificateList.self, "The certificates")],
            problems: SchoolDesk.reading
        ) { request in
            Response.json(CompletionCertificateList(items: try await own(request))).with("Cache-Control", "no-store")
        }
    }

    private var page: Route {
        Route(
            .get, "/v1/me/certificates/{id}", summary: "A certificate: a page of A4 that prints by itself", tag: "Me",
            access: .permission(P.me), parameters: [Self.id],
            responses: [.bytes(200, ["text/html"], "In Chinese and English, with a QR by which anybody can check it")],
            problems: SchoolDesk.reading + [AttendanceProblem.certificateUnknown, AttendanceProblem.certificateRevoked]
        ) { request in
            let id: ID<CompletionCertificate> = request.parameter("id")
            guard let found = try await own(request).first(where: { $0.id == id }) else {
                throw Problem(AttendanceProblem.certificateUnknown)
            }
            if found.revokedAt != nil { throw Problem(AttendanceProblem.certificateRevoked) }
            return Response.text(try CertificatePage(certificate: found).html(), contentType: "text/html; charset=utf-8")
                .with("Cache-Control", "no-store").asDocument()
        }
    }

    private var check: Route {
        Route(
            .get, "/v1/certificates/verify", summary: "Whether a certificate of completion stands, for whoever holds the paper",
            tag: "Public", access: .anyone,
            parameters: [.query("code", .string(1...PaperCode.lengthMax), "What the certificate's QR says", required: true)],
            responses: [.json(200, CertificateCheck.self, "What may be known of it")],
            problems: SchoolDesk.reading + [AttendanceProblem.tooManyChecks]
        ) { request in
            if let seconds = limiter.take(request.clientAddress) {
                throw Problem(AttendanceProblem.tooManyChecks, retryAfterSeconds: max(1, seconds))
            }
            guard let number = codes.read(request.parameter("code")), let id = CompletionCertificate.id(in: number),
                let found = try await certificates.find(id), found.number == number
            else {
                limiter.noteRefusal(request.clientAddress)
                return Response.json(CertificateCheck(result: .invalid, name: nil)).with("Cache-Control", "no-store")
            }
            let name = try await members.member(found.memberId)?.person?.name.masked
            return Response.json(CertificateCheck(result: found.revokedAt == nil ? .valid : .revoked, name: name))
                .with("Cache-Control", "no-store")
        }
    }

    // MARK: Organizers

    private var ofClass: Route {
        Route(
            .get, "/v1/classes/{id}/certificates", summary: "Certificates of a class, masked", tag: SchoolDesk.tag,
            access: .permission(P.schoolsRead), parameters: [ClassRoutes.id],
            responses: [.json(200, CompletionCertificateList.self, "In the order of their numbers")],
            problems: SchoolDesk.reading + [SchoolProblem.classUnknown]
        ) { request in
            var filter = ClassListStore.Filter()
            filter.scope = request.scope(of: P.schoolsRead)
            guard let found = try await list.find(request.parameter("id"), filter) else { throw Problem(SchoolProblem.classUnknown) }
            var items = try await certificates.list(of: found.id)
            let names = try await people.names(items.map(\.memberId))
            for index in items.indices { items[index].name = names[items[index].memberId] }
            return Response.json(CompletionCertificateList(items: items)).with("Cache-Control", "no-store")
        }
    }

    private var revoke: Route {
        Route(
            .post, "/v1/certificates/{id}/revoke", summary: "Revokes a certificate, for a reason that its person reads",
            tag: SchoolDesk.tag, access: .permission(P.schoolsWrite), parameters: [Self.id, IdempotencyStore.parameter],
            body: .json(SchoolReasonBody.self, limitBytes: 8_192),
            responses: [.json(200, CompletionCertificate.self, "As it is now; again changes nothing")],
            problems: IdempotencyStore.problems + [AttendanceProblem.certificateUnknown]
        ) { request in
            let why = try request.json(SchoolReasonBody.self)
            return try await desk.idempotency.once(request) { querying in
                let id: ID<CompletionCertificate> = request.parameter("id")
                guard let organization = try await certificates.hold(id, within: request.scope(of: P.schoolsWrite), in: querying),
                    let before = try await certificates.find(id, in: querying)
                else { throw Problem(AttendanceProblem.certificateUnknown) }
                if before.revokedAt != nil { return .json(before) }
                try await certificates.revoke(id, reason: why.reason, by: request.actor, in: querying)
                try await desk.record(
                    "certificate.revoked", "member:\(before.memberId)", of: organization, details: ["certificate": before.number],
                    request, in: querying)
                guard let after = try await certificates.find(id, in: querying) else {
                    throw Problem(AttendanceProblem.certificateUnknown)
                }
                return .json(after)
            }
        }
    }
}
