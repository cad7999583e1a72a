import Crypto
import Postgres
import Runtime

/// Brings a file of members in: streamed, in chunks of ten thousand rows, each in its own transaction.
///
/// Three chunks are under way at once: while the database takes one in, the next is looked up and sealed, and the one after is read and
/// checked. Persons are known by their national id, so the same file can be brought in again at any time: after a crash it completes what
/// is missing, and rows that are the same cost a look-up and nothing more. Two imports of one file at once wait for each other row by row
/// and give each person once.
///
/// Runs on the global executor, for checking and sealing are work that a loop must not do.
package struct MemberImporter: Sendable {
    let database: Database
    let members: MemberStore
    let organizations: OrganizationStore
    let imports: MemberImportStore
    let applications: ApplicationStore
    let keys: Keys
    let clock: Clock
    let log: Log

    /// Rows in a chunk: the database takes ten thousand in a few hundred milliseconds, and three chunks are under way at once.
    var chunkRows = 10_000

    /// How often a row is tried again that others write at the same moment.
    private static let roundsMax = 5

    /// A chunk that the database knows what to do with.
    fileprivate struct Sealed: Sendable {
        var tally = MemberImportTally()
        var rejections: [MemberImportRejection]
        var bytesRead: Int64
        var entries: [MemberEntry]
        var batch = MemberApplyBatch()
        /// For each place of the batch the place of its entry.
        var places: [Int] = []
    }

    /// - Parameters:
    ///   - next: the file's next bytes, some ten to some hundred KiB; nil at its end. An error ends the import.
    ///   - subject: who asked, as in the logs.
    ///   - onProgress: told after each chunk, on any thread.
    /// - Returns: the import, finished.
    package func run(
        next: @escaping @Sendable () async throws -> [UInt8]?, options: MemberImportOptions = MemberImportOptions(),
        requestedBy subject: String, onProgress: @escaping @Sendable (MemberImportProgress) -> Void = { _ in }
    ) async throws(MemberImportError) -> MemberImport {
        try await withTaskExecutorPreference(globalConcurrentExecutor) { () async throws(MemberImportError) in
            try await runHere(next, options, subject, onProgress)
        }
    }

    private func runHere(
        _ next: @escaping @Sendable () async throws -> [UInt8]?, _ options: MemberImportOptions, _ subject: String,
        _ onProgress: @Sendable (MemberImportProgress) -> Void
    ) async throws(MemberImportError) -> MemberImport {
        let known = try await databaseErrors { () async throws(PostgresError) in
            // A closed organization takes nobody, so no row means it.
            let closed = try await organizations.closedIDs()
            return try await organizations.all(within: options.scope).filter { !closed.contains($0.id) }
        }
        let names = OrganizationNames(known)
        if let id = options.organizationID, !known.contains(where: { $0.id == id }) { throw .organizationUnknown }
        let begun = try await databaseErrors { () async throws(PostgresError) in try await imports.begin(options, by: subject) }
        guard let id = begun else { throw .organizationUnknown }
        let reader = MemberFileReader(
            organizations: names, defaultOrganizationID: options.organizationID,
            today: .inChina(clock), vault: PersonalDataVault(keys), chunkRows: chunkRows, nextPiece: next)
        do throws(MemberImportError) {
            try await run(id, reader, options, onProgress)
        } catch {
            await end(id, failedWith: error)
            throw error
        }
        return try await databaseErrors { () async throws(PostgresError) in
            try await imports.end(id, failureCode: nil)
            guard let done = try await imports.memberImport(id) else { throw .decoding("the import was expected") }
            return done
        }
    }

    private func run(
        _ id: ID<MemberImport>, _ reader: MemberFileReader, _ options: MemberImportOptions,
        _ onProgress: @Sendable (MemberImportProgress) -> Void
    ) async throws(MemberImportError) {
        let vault = PersonalDataVault(keys)
        var total = MemberImportTally()
        var checked = try await reader.nextChunk().get()
        var ready: [Sealed] = []
        while checked != nil || !ready.isEmpty {
            let (toSeal, toApply) = (checked, ready)
            async let nextChecked = toSeal == nil ? .success(nil) : reader.nextChunk()
            async let nextReady = seal(toSeal, options, vault)
            // The halves of a chunk go in side by side: what a backend does for an insert is most of an import's work.
            async let second = apply(toApply.dropFirst().first, id, options, vault)
            let first = await apply(toApply.first, id, options, vault)
            let applied = (first, await second)
            ready = try await nextReady.get()
            checked = try await nextChecked.get()
            for tally in [try applied.0.get(), try applied.1.get()] { if let tally { total += tally } }
            guard let last = toApply.last else { continue }
            onProgress(MemberImportProgress(tally: total, bytesRead: last.bytesRead, bytesTotal: options.bytesTotal))
        }
    }

    // MARK: Stages

    /// Gives the chunk in two halves, each to be written in its own transaction.
    private func seal(
        _ chunk: MemberFileChunk?, _ options: MemberImportOptions, _ vault: PersonalDataVault
    ) async -> Result<[Sealed], MemberImportError> {
        guard let chunk else { return .success([]) }
        let middle = chunk.entries.count / 2
        var halves = [
            Sealed(rejections: chunk.rejections, bytesRead: 0, entries: Array(chunk.entries[..<middle])),
            Sealed(rejections: [], bytesRead: chunk.bytesRead, entries: Array(chunk.entries[middle...])),
        ]
        halves[0].tally.refused = chunk.refused
        do throws(PostgresError) {
            for index in halves.indices { try await seal(&halves[index], options, vault) }
            return .success(halves)
        } catch {
            return .failure(.database(error))
        }
    }

    private func seal(_ chunk: inout Sealed, _ options: MemberImportOptions, _ vault: PersonalDataVault) async throws(PostgresError) {
        let entries = chunk.entries
        // In a transaction for the sake of its own connection: a look-up of ten thousand should not stand before other requests.
        let (answers, elsewhere) = try await database.inTransaction { (transaction) async throws(PostgresError) in
            let answers = try await members.lookUp(entries, drawsIDs: !options.isDryRun, in: transaction)
            return (answers, try await members.outside(options.scope, among: answers, in: transaction))
        }
        var wanted: [(MemberEntry, MemberLookUp)] = []
        for (entry, answer) in zip(entries, answers) {
            if let id = answer.memberID, elsewhere.contains(id) {
                chunk.refuse(entry, .memberElsewhere)
                continue
            }
            wanted.append((entry, answer))
            switch answer.verdict {
            case .unchanged: chunk.tally.unchanged += 1
            case .forgotten: chunk.refuse(entry, .memberForgotten)
            case .new where options.isDryRun: chunk.tally.inserted += 1
            case .changed where options.isDryRun, .personal where options.isDryRun: chunk.tally.updated += 1
            case .new, .changed, .personal: break
            }
        }
        guard !options.isDryRun else { return }
        chunk.entries = wanted.map(\.0)
        // Who works for a part of the union files people there; who works for all of it brings a register in.
        let rules = options.scope == .everything ? [:] : try await organizations.joinRules(of: chunk.entries.map(\.draft.organizationID))
        (chunk.batch, chunk.places) = try MemberStore.seal(chunk.entries, wanted.map(\.1), vault) { rules[$0]?.status ?? .active }
    }

    /// Writes a chunk, and again those of its rows that others wrote meanwhile.
    private func apply(
        _ chunk: Sealed?, _ id: ID<MemberImport>, _ options: MemberImportOptions, _ vault: PersonalDataVault
    ) async -> Result<MemberImportTally?, MemberImportError> {
        guard var chunk else { return .success(nil) }
        var total = MemberImportTally()
        do throws(PostgresError) {
            for round in 1... {
                let (tally, contended) = try await write(chunk, id, isFiling: options.scope != .everything)
                total += tally
                if contended.isEmpty { break }
                // What a name of the file meant when it began may have closed since.
                let closed = try await organizations.closedIDs()
                let raced = contended.filter { !closed.contains($0.draft.organizationID) }
                chunk = Sealed(rejections: [], bytesRead: chunk.bytesRead, entries: raced)
                for entry in contended where closed.contains(entry.draft.organizationID) {
                    chunk.refuse(entry, .organizationUnknown, in: .organization)
                }
                if round < Self.roundsMax {
                    try await seal(&chunk, options, vault)
                } else {
                    for entry in raced { chunk.refuse(entry, .memberContended) }
                }
            }
            return .success(total)
        } catch {
            return .failure(.database(error))
        }
    }

    private func write(
        _ chunk: Sealed, _ id: ID<MemberImport>, isFiling: Bool
    ) async throws(PostgresError) -> (tally: MemberImportTally, raced: [MemberEntry]) {
        try await database.inTransaction { (transaction) async throws(PostgresError) in
            var tally = chunk.tally
            var raced: [MemberEntry] = []
            let outcomes = try await members.apply(chunk.batch, in: transaction)
            if isFiling { try await applications.enterFilings(chunk.batch, outcomes, in: transaction) }
            for (outcome, place) in zip(outcomes, chunk.places) {
                switch outcome {
                case .inserted: tally.inserted += 1
                case .updated: tally.updated += 1
                case .raced: raced.append(chunk.entries[place])
                }
            }
            try await imports.record(id, tally, chunk.rejections, bytesRead: chunk.bytesRead, in: transaction)
            return (tally, raced)
        }
    }

    // MARK: Errors

    private func databaseErrors<Value>(_ body: () async throws(PostgresError) -> Value) async throws(MemberImportError) -> Value {
        do throws(PostgresError) { return try await body() } catch { throw .database(error) }
    }

    private func end(_ id: ID<MemberImport>, failedWith failure: MemberImportError) async {
        log.warning("import.failed", ["import": .integer(id.rawValue), "reason": .text(failure.description)])
        do throws(PostgresError) {
            try await imports.end(id, failureCode: failure.code)
        } catch {
            // It stays "running" with an old progress time, which is how a dead server's imports look too.
            log.warning("import.end_not_written", ["import": .integer(id.rawValue), "reason": .text(error.description)])
        }
    }
}

fileprivate extension MemberImporter.Sealed {
    mutating func refuse(_ entry: MemberEntry, _ fault: MemberFault, in column: MemberColumn = .nationalId) {
        tally.refused += 1
        rejections.append(
            MemberImportRejection(
                lineNumber: entry.lineNumber, ordinal: 1, field: column.rawValue, code: fault.code, firstLineNumber: nil,
                shown: entry.draft.person.nationalID.masked))
    }
}
