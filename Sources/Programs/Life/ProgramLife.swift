import Allocation
package import Crypto
package import HTTP
package import Postgres
package import Registry
package import Runtime

/// The steps of a program's life, whoever takes them: judged, written, told, within one transaction.
package struct ProgramLife: Sendable {
    package let programs: ProgramStore
    let sealer: Sealer
    let clock: Clock
    let audit = AuditStore()
    let outbox: OutboxStore

    package init(_ programs: ProgramStore, keys: Keys, clock: Clock) {
        self.programs = programs
        sealer = Sealer(keys)
        self.clock = clock
        outbox = OutboxStore(keys)
    }

    /// What a lottery's sealed secret is bound to.
    package static let secretColumn = SealedColumn(table: "program", column: "lottery_secret_sealed")

    /// Who takes a step, for the rows that tell.
    package struct Actor: Sendable {
        package let subject: String
        package let requestID: String?

        package init(subject: String, requestID: String? = nil) {
            self.subject = subject
            self.requestID = requestID
        }

        package init(_ request: Request) {
            self.init(subject: request.principal?.subject ?? "anyone", requestID: request.requestID)
        }
    }

    /// The program held, in a state that allows the step.
    /// - Parameter version: as the caller read it; nil takes any.
    package func hold(
        _ id: ID<UnionProgram>, for step: ProgramState.Step, scope: Scope = .everything, version: Int32? = nil, in querying: any Querying
    ) async throws -> UnionProgram {
        let program = try await hold(id, scope: scope, version: version, in: querying)
        guard program.state.after(step) != nil else { throw Self.wrongState(program.state, step) }
        return program
    }

    /// The program held, in whatever state.
    package func hold(
        _ id: ID<UnionProgram>, scope: Scope = .everything, version: Int32? = nil, in querying: any Querying
    ) async throws -> UnionProgram {
        guard try await programs.find(id, scope: scope, in: querying) != nil, let program = try await programs.hold(id, in: querying) else {
            throw Problem(ProgramProblem.notFound)
        }
        if let version, version != program.version { throw Problem(ProgramProblem.changed) }
        return program
    }

    static func wrongState(_ state: ProgramState, _ step: ProgramState.Step) -> Problem {
        Problem(
            ProgramProblem.wrongState,
            detail: Localized(
                zh: "项目\(state.words.zh)，不能\(step.words.zh)", en: "It is \(state.words.en) and cannot be \(step.words.en)"))
    }

    // MARK: Steps

    /// Freezes the rules, draws the lottery's secret and publishes the hash of the one and the commitment to the other.
    package func announce(
        _ id: ID<UnionProgram>, scope: Scope = .everything, version: Int32? = nil, by actor: Actor, in querying: any Querying
    ) async throws -> UnionProgram {
        let program = try await hold(id, for: .announce, scope: scope, version: version, in: querying)
        var sessions = try await programs.sessions(of: id, in: querying)
        if sessions.isEmpty {
            sessions = [ProgramSession(number: 1, title: "pool", capacity: program.quota)]
            try await programs.addSessions(sessions, to: id, in: querying)
        }
        let faults =
            program.facts.violationsToAnnounce(quota: program.quota, sessions: sessions, nowMicroseconds: clock.nowMicroseconds)
        guard faults.isEmpty else { throw Problem(ProgramProblem.invalid, violations: faults) }
        let secret = SecureRandom.bytes(Lottery.secretByteCount)
        let commitment = Lottery.commitment(to: secret)
        let bytes = try JSON.encode(ProgramAnnouncement(program, sessions, commitment: commitment))
        try await programs.announce(
            id,
            ProgramStore.Announcement(
                bytes: bytes, hash: SHA256.hash(bytes), secretSealed: sealer.seal(secret, in: Self.secretColumn, row: id.rawValue),
                commitment: commitment), in: querying)
        return try await told(program, .announce, by: actor, in: querying)
    }

    /// - Throws: `program.not_yet` before its time, which is also the database's.
    package func open(
        _ id: ID<UnionProgram>, scope: Scope = .everything, by actor: Actor, in querying: any Querying
    ) async throws -> UnionProgram {
        let program = try await hold(id, for: .open, scope: scope, in: querying)
        guard try await programs.open(id, in: querying) else { throw Problem(ProgramProblem.notYet) }
        return try await told(program, .open, by: actor, in: querying)
    }

    /// Freezes the applications and publishes their hash.
    package func close(
        _ id: ID<UnionProgram>, scope: Scope = .everything, by actor: Actor, in querying: any Querying
    ) async throws -> UnionProgram {
        let program = try await hold(id, for: .close, scope: scope, in: querying)
        guard try await programs.close(id, in: querying) else { throw Problem(ProgramProblem.notYet) }
        return try await told(program, .close, by: actor, in: querying)
    }

    package func end(
        _ id: ID<UnionProgram>, scope: Scope = .everything, by actor: Actor, in querying: any Querying
    ) async throws -> UnionProgram {
        let program = try await hold(id, for: .end, scope: scope, in: querying)
        try await programs.end(id, in: querying)
        return try await told(program, .end, by: actor, in: querying)
    }

    package func cancel(
        _ id: ID<UnionProgram>, reason: String, scope: Scope = .everything, version: Int32? = nil, by actor: Actor,
        in querying: any Querying
    ) async throws -> UnionProgram {
        let program = try await hold(id, for: .cancel, scope: scope, version: version, in: querying)
        try await programs.cancel(id, reason: reason, in: querying)
        return try await told(program, .cancel, reason: reason, by: actor, in: querying)
    }

    /// Gives what nobody holds of a part back to its parent, once its day has come.
    package func returnPlaces(of id: ID<UnionProgram>, by actor: Actor, in querying: any Querying) async throws -> Int32 {
        let returned = try await programs.returnPlaces(of: id, by: actor.subject, in: querying)
        try await audit.record(
            "program.places_returned", subject: "program:\(id)", organization: nil, details: ["places": String(returned)],
            actor: actor.subject, requestID: actor.requestID, in: querying)
        return returned
    }

    /// Writes the step down, in the program's own history, the audit and the outbox.
    /// - Returns: the program as it is now.
    package func told(
        _ before: UnionProgram, _ step: ProgramState.Step, details: [String: String] = [:], reason: String? = nil, by actor: Actor,
        in querying: any Querying
    ) async throws -> UnionProgram {
        guard let after = try await programs.find(before.id, in: querying) else { throw Problem(ProgramProblem.notFound) }
        try await programs.note(
            step.rawValue, on: before.id, from: before.state, to: after.state, details: details, reason: reason, by: actor.subject,
            in: querying)
        try await audit.record(
            "program.\(step.past)", subject: "program:\(before.id)", organization: before.organizationID, details: details,
            actor: actor.subject, requestID: actor.requestID, in: querying)
        try await outbox.emit(
            "program.\(step.past)", subject: "program:\(before.id)", organization: before.organizationID,
            data: ProgramTold(programId: before.id, state: after.state.rawValue), in: querying)
        return after
    }
}

/// What receivers of webhooks get of a step.
private struct ProgramTold: Codable, Sendable {
    let programId: ID<UnionProgram>
    let state: String
}

extension ProgramState.Step {
    /// As events are called.
    package var past: String {
        switch self {
        case .announce: "announced"
        case .open: "opened"
        case .close: "closed"
        case .run: "run"
        case .review: "reviewed"
        case .publish: "published"
        case .end: "ended"
        case .cancel: "cancelled"
        }
    }
}
