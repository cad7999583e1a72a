import Crypto
import HTTP
package import Postgres
package import Programs
import Registry
package import Runtime

/// Draws: made when a class is published, shared out once their window has closed.
package struct DrawMaker: Sendable {
    package let draws: DrawStore
    let audit: AuditStore
    let outbox: OutboxStore
    let sealer: Sealer

    /// What a lottery's sealed secret is bound to.
    static let secretColumn = SealedColumn(table: "school_draw", column: "lottery_secret_sealed")

    /// Finds or makes the draws of classes that were just published; the term is held. The commitment to a lottery stands from then on,
    /// before anybody can apply.
    /// - Returns: what is wrong with them.
    func open(_ classes: [ID<SchoolClass>], in querying: any Querying) async throws -> [ID<SchoolClass>] {
        let mismatched = try await draws.mismatched(classes, in: querying)
        guard mismatched.isEmpty else { return mismatched }
        for wanted in try await draws.wanted(of: classes, in: querying) {
            var found = try await draws.reopen(wanted, in: querying)
            if found == nil {
                let id = try await draws.number(in: querying)
                let secret = CommittedShuffle.drawSecret()
                try await draws.create(
                    id, wanted, secretSealed: sealer.seal(secret, in: Self.secretColumn, row: id.rawValue),
                    commitment: CommittedShuffle.commitment(to: secret), in: querying)
                found = id
            }
            if let found { try await draws.join(found, wanted, classes, in: querying) }
        }
        return []
    }

    static func mismatch(at pointer: String) -> Violation {
        Violation(
            "school.parallel_enrolment_differs", pointer: "\(pointer)/enrolmentMode", zh: "同一课程已发布的班级采用其他报名方式或抽签时间，须一致",
            en: "Published classes of this course are enrolled for otherwise, or drawn at another time: they go together")
    }

    /// Shares the seats of a draw out, if it is due: what the person could have had from other draws before is looked at under lock, so of
    /// two draws the later passes over what the earlier made impossible. All of it is of the caller's transaction.
    /// - Returns: nil where it is not due.
    package func make(
        _ id: ID<SchoolDraw>, by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> SchoolDrawAnswer? {
        guard try await draws.freeze(id, in: querying) else { return nil }
        let entries = try await draws.entries(of: id, in: querying)
        let seats = try await draws.seats(of: id, in: querying)
        let secret = try await secret(of: id, in: querying)
        let result = try await onThread(name: "schools.draw") {
            Result<SeatDraw, any Error>.success(Self.draw(id, entries, seats, secret))
        }.get().get()
        let settled = try await draws.settle(
            id, tickets: entries.map(\.ticket), places: result.places, given: result.given, closings: result.closings, by: actor.subject,
            in: querying)
        guard let drawn = try await draws.find(id, in: querying) else { return nil }
        let (organization, subject) = (try await draws.organization(of: id, in: querying), "school_draw:\(id)")
        try await audit.record(
            "school_draw.drawn", subject: subject, organization: organization,
            details: [
                "seated": "\(settled.seated)", "waiting": "\(settled.waiting)", "lapsed": "\(settled.lapsed)",
                "secret": Hex.encode(secret),
            ], actor: actor.subject, requestID: actor.requestID, in: querying)
        let answer = SchoolDrawAnswer(drawn, try await draws.seats(of: id, in: querying), secret: Hex.encode(secret))
        try await outbox.emit("school_draw.drawn", subject: subject, organization: organization, data: answer, in: querying)
        return answer
    }

    private static func draw(
        _ id: ID<SchoolDraw>, _ entries: [SchoolDraw.Entry], _ seats: [SchoolDraw.Seats], _ secret: [UInt8]
    ) -> SeatDraw {
        SeatDraw(
            entries.map { SeatDraw.Entry(ticket: $0.ticket, priority: $0.priority, wishes: $0.feasible) },
            seats.map { SeatDraw.Seats(id: $0.classID.rawValue, count: Int($0.seats)) }, secret: secret, name: SchoolDraw.name(id))
    }

    private func secret(of id: ID<SchoolDraw>, in querying: (any Querying)? = nil) async throws -> [UInt8] {
        try sealer.open(try await draws.sealedSecret(of: id, in: querying), in: Self.secretColumn, row: id.rawValue)
    }

    // MARK: In public

    /// - Returns: nil where there is none.
    func answer(_ id: ID<SchoolDraw>) async throws -> SchoolDrawAnswer? {
        guard let draw = try await draws.find(id) else { return nil }
        return SchoolDrawAnswer(
            draw, try await draws.seats(of: id), secret: draw.drawnAt == nil ? nil : Hex.encode(try await secret(of: id)))
    }

    /// The audit file of a draw, with the results as they are written down.
    /// - Returns: nil where nothing was drawn.
    func auditFile(of id: ID<SchoolDraw>) async throws -> [UInt8]? {
        guard let draw = try await draws.find(id), draw.drawnAt != nil else { return nil }
        let (entries, seats, secret) = (try await draws.entries(of: id), try await draws.seats(of: id), try await secret(of: id))
        return try await onThread(name: "schools.audit") {
            Result { try Self.draw(id, entries, seats, secret).auditFile(of: entries.map(\.classID)) }
        }.get().get()
    }
}
