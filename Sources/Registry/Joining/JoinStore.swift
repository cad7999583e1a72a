package import Postgres
package import Runtime

/// Joining by a code: one decision for all who wait.
package struct JoinStore: Sendable {
    private let coalescers: PerLoop<Coalescer<JoinRequest, JoinOutcome>>
    private let lane: Lane
    private let vault: PersonalDataVault
    private let clockOffsetMicroseconds: Int64

    /// What the coalescers did, over all loops.
    package let figures = CoalescerFigures("joins")

    /// Largest batch: beyond 64 little is won and each applicant waits longer.
    package static let batchMax = 64

    /// - Parameter clock: its offset is added to the database's clock in every decision.
    package init(_ database: Database, vault: PersonalDataVault, clock: Clock) {
        let offset = clock.offsetMicroseconds
        let lane = database.lane("joins", connections: 2)
        self.lane = lane
        self.vault = vault
        clockOffsetMicroseconds = offset
        let figures = figures
        coalescers = PerLoop(database.loops) { loop in
            Coalescer(figures, loop: loop, batchMax: Self.batchMax, inFlight: 2) { (requests) async throws(PostgresError) in
                try await Self.join(requests, vault, offset, on: lane)
            }
        }
    }

    /// Decides one request, together with those that wait beside it.
    package func join(_ request: JoinRequest) async throws(PostgresError) -> JoinOutcome {
        try await coalescers.current.submit(request)
    }

    /// Decides these in one transaction.
    package func join(batch requests: [JoinRequest]) async throws(PostgresError) -> [JoinOutcome] {
        try await Self.join(requests, vault, clockOffsetMicroseconds, on: lane)
    }

    private static func join(
        _ requests: [JoinRequest], _ vault: PersonalDataVault, _ clockOffsetMicroseconds: Int64, on querying: any Querying
    ) async throws(PostgresError) -> [JoinOutcome] {
        // Sealing binds to the member's number, so it is drawn first; those of who is refused are never used.
        let drawn = try await querying.query(
            "select nextval(pg_get_serial_sequence('member', 'member_id')) from generate_series(1, \(Int32(requests.count)))")
        var memberIDs: [Int64] = []
        for row in drawn { memberIDs.append(try row.decode(0)) }
        return try outcomes(
            await querying.query(try statement(requests, memberIDs, vault, clockOffsetMicroseconds)), count: requests.count)
    }

    static func statement(
        _ requests: [JoinRequest], _ memberIDs: [Int64], _ vault: PersonalDataVault, _ clockOffsetMicroseconds: Int64
    ) throws(PostgresError) -> SQL {
        var sealed: [PersonalDataVault.Sealed] = []
        for (request, memberID) in zip(requests, memberIDs) { sealed.append(try vault.sealNew(request.person, memberID: memberID)) }
        let people = requests.map(\.person)
        return """
            select * from registry_join(
                \(requests.map(\.code.text)), \(memberIDs), \(requests.map(\.workerKind.rawValue)),
                \(requests.map(\.employmentForm.rawValue)), \(people.map(\.nationalID.sex.rawValue)), \(people.map(\.nationalID.birthOn)),
                \(people.map { vault.index(of: $0.nationalID) }), \(people.map { $0.phone.map { vault.index(of: $0) } }),
                \(people.map { vault.nameIndex(of: $0) }), \(people.map { vault.digest(of: $0) }),
                \(sealed.map(\.newWrappedKey)), \(sealed.map(\.name)), \(sealed.map(\.nationalID)),
                \(sealed.map(\.phone)), \(requests.map(\.consentList)), \(requests.map(\.secretDigest)), \(requests.map(\.requestDigest)),
                \(requests.map(\.fingerprint)), \(JoinForm.consentTextVersion), \(clockOffsetMicroseconds))
            """
    }

    private static func outcomes(_ rows: QueryResult, count: Int) throws(PostgresError) -> [JoinOutcome] {
        var outcomes = [JoinOutcome?](repeating: nil, count: count)
        for row in rows {
            let position = Int(try row.decode(0, as: Int32.self)) - 1
            guard outcomes.indices.contains(position) else { throw .decoding("an answer to no request") }
            outcomes[position] = try outcome(row)
        }
        let answered = outcomes.compactMap(\.self)
        guard answered.count == count else { throw .decoding("\(answered.count) answers to \(count) requests to join") }
        return answered
    }

    private static func outcome(_ row: Row) throws(PostgresError) -> JoinOutcome {
        switch try row.decode("outcome", as: String.self) {
        case "joined", "pending": .accepted(try receipt(row))
        case "repeated": .repeated(try receipt(row))
        case "conflict": .conflict
        case "exists": .exists(try row.decode("known_member_id"))
        case "code_unknown": .codeUnknown
        case "code_ended": .codeEnded
        case "organization_closed": .organizationClosed
        default: throw .decoding("an outcome unknown to this version")
        }
    }

    private static func receipt(_ row: Row) throws(PostgresError) -> JoinOutcome.Receipt {
        guard let state = ApplicationState(rawValue: try row.decode("application_state")) else {
            throw .decoding("an unknown state of an application")
        }
        return JoinOutcome.Receipt(
            applicationID: try row.decode("application_id"), organizationID: try row.decode("joined_organization_id"),
            memberID: try row.decode("known_member_id"), state: state, submittedAt: try row.decode("submitted_at"),
            rejectReason: try row.decode("reject_reason"))
    }
}

extension JoinRequest {
    /// The purposes agreed to, in order, as the function takes them.
    var consentList: String { ConsentPurpose.allCases.filter(consents.contains).map(\.rawValue).joined(separator: ",") }
}

extension PersonalDataVault {
    /// Seals somebody new under a key of their own.
    func sealNew(_ person: PersonalData, memberID: Int64) throws(PostgresError) -> Sealed {
        do {
            return try seal(person, memberID: memberID, wrappedKey: nil)
        } catch {
            throw .decoding("a new key that does not seal")
        }
    }
}
