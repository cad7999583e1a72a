import Insurance
import Postgres
import Programs
import Registry
import Runtime
import Synchronization

/// Insurance: a batch of 85,000 policies out of a million members, beside COPY of the same rows; an insurer's results of as many.
struct InsuranceWork: Work {
    static let name = "insurance"
    static let summary = "85,000 policies out of 1,000,000 members, beside COPY of the same rows; a result file of 85,000 lines"

    let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    private static let size: Int32 = 85_000

    func run(_ report: Report) async throws {
        let count = options.members ?? 1_000_000
        report.title("insurance: \(Self.size) policies out of \(count) members, at least 60,000 for new forms; PostgreSQL durable")
        try await BenchHouse.with { house in
            let insurance = Insurance(database: house.database, registry: house.registry, keys: house.keys, clock: Clock())
            let city = try await house.ensureOrganization().id
            report.note("\(count) members")
            try await fill(house, city, count)
            let product = try await makeProduct(insurance, city)
            var (ours, peer, moves): ([Double], [Double], [Double]) = ([], [], [])
            var memory = 0.0
            for run in 1...options.runs {
                report.note("run \(run)/\(options.runs)")
                try await clear(house)
                let batch = try await announce(insurance, product, city, year: 2026 + run)
                let phases = Mutex<[(phase: GiftRun.Phase, since: MonotonicTime)]>([])
                let start = MonotonicTime.current
                let given = try await insurance.run.make(batch, by: ProgramLife.Actor(subject: "account:1")) { phase, _, _ in
                    phases.withLock { if $0.last?.phase != phase { $0.append((phase, .current)) } }
                }.given.count
                let end = MonotonicTime.current
                guard given == Int(Self.size) else { throw BenchError(description: "\(given) policies came of it") }
                ours.append(Double(given) / (end - start).secondsValue)
                let ends = phases.withLock { phases in
                    zip(phases, phases.dropFirst().map(\.since) + [end]).map { ($0.phase, $0.since, $1) }
                }
                report.note(ends.map { "\($0.rawValue) \(($2 - $1).secondsValue) s" }.joined(separator: ", "))
                // Of the first: afterwards this process holds the rows of COPY, too.
                if run == 1 { memory = mostResidentMegabytes() }
                moves.append(try await applyResults(house, insurance, batch))
                peer.append(Double(given) / (try await copy(house)))
            }
            try report.figure(
                Self.name, "policies", ours: median(ours), peer: median(peer), peerName: "COPY of the same rows", unit: "policies/s",
                runs: options.runs, promise: "0.6 x")
            try report.figure(
                Self.name, "memory of a run", ours: memory, unit: "MB", runs: options.runs, promise: "within 256 MB")
            try report.figure(
                Self.name, "85,000 results applied", ours: median(moves), unit: "s", runs: options.runs, promise: "within 5 s")
        }
    }

    private func fill(_ house: BenchHouse, _ city: ID<Organization>, _ count: Int) async throws {
        for start in stride(from: 0, to: count, by: 250_000) {
            _ = try await house.database.query(
                """
                insert into member (
                    organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
                select
                    \(city), 'active', (array['courier', 'food_rider', 'ride_hailing_driver', 'factory_worker', 'other'])[1 + draw % 5],
                    'platform', (array['female', 'male'])[1 + draw % 2], date '1956-01-01' + (draw / 11 % 18000), draw % 5 = 0, draw % 3 = 0
                from (select abs(hashint4(number)) as draw from generate_series(1, \(Int32(min(250_000, count - start)))) number) drawn
                """)
        }
        _ = try await house.database.query("vacuum (analyze) member")
    }

    private func makeProduct(_ insurance: Insurance, _ city: ID<Organization>) async throws -> InsuranceProduct {
        try await insurance.products.database.inTransaction { transaction in
            let products = insurance.products
            guard
                let insurer = try await products.create(
                    InsurerFacts(name: "insurer", hotline: "95500"), of: city, within: .everything, by: "account:1", in: transaction),
                let product = try await products.create(
                    InsuranceProductFacts(name: "accident", family: "accident", sumInsuredFen: 10_000_000, claimAdvice: "call"),
                    of: insurer.id, within: .everything, by: "account:1", in: transaction)
            else { throw BenchError(description: "no product was made") }
            return product
        }
    }

    private func announce(
        _ insurance: Insurance, _ product: InsuranceProduct, _ city: ID<Organization>, year: Int
    ) async throws -> ID<InsuranceBatch> {
        guard let from = CalendarDate(text: "\(year)-01-01"), let until = CalendarDate(text: "\(year + 1)-01-01") else {
            throw BenchError(description: "no such year")
        }
        let kinds = ["courier", "food_rider", "ride_hailing_driver"]
        let facts = InsuranceBatchFacts(
            title: "batch", donor: "union", size: Self.size, premiumFen: 5_000, coverFrom: from, coverUntil: until,
            rules: ProgramRules(
                classes: [.init(name: "posts", conditions: [.attribute(.hardshipPost, oneOf: ["true"], evidence: .selfDeclared)])],
                groups: [.init(name: "new forms", conditions: [.attribute(.workerKind, oneOf: kinds, evidence: .selfDeclared)])],
                floors: [.init(group: "new forms", size: 60_000)]))
        let actor = ProgramLife.Actor(subject: "account:1")
        return try await insurance.products.database.inTransaction { transaction in
            guard
                let batch = try await insurance.batches.create(
                    facts, of: product.id, for: city, within: .everything, by: actor.subject, in: transaction)
            else { throw BenchError(description: "no batch was made") }
            return try await insurance.life.announce(batch.id, by: actor, in: transaction).id
        }
    }

    /// Every run and every COPY begins with empty tables.
    private func clear(_ house: BenchHouse) async throws {
        _ = try await house.database.query(
            "truncate policy, policy_cover, policy_event, policy_number, insurance_candidates cascade")
    }

    /// Confirmed, sent, and answered by the insurer's file with as many numbers; the seconds from the file's bytes to the commit.
    private func applyResults(_ house: BenchHouse, _ insurance: Insurance, _ batch: ID<InsuranceBatch>) async throws -> Double {
        try await house.database.inTransaction { transaction in
            // The rows as the run wrote them, for COPY.
            for table in Self.tables {
                _ = try await transaction.query("drop table if exists bench_\(raw: table)")
                _ = try await transaction.query("create table bench_\(raw: table) as select * from \(raw: table)")
            }
            let actor = ProgramLife.Actor(subject: "account:2")
            _ = try await insurance.life.review(batch, isConfirmed: true, reason: nil, by: actor, in: transaction)
        }
        guard let roster = try await insurance.rehearsal.send(batch) else { throw BenchError(description: "nothing was sent") }
        let file = try await insurance.rehearsal.answer(batch, roster, rejectedPerThousand: 0)
        let start = MonotonicTime.current
        let taken = try await insurance.rehearsal.take(file, of: batch)
        let seconds = (MonotonicTime.current - start).secondsValue
        guard taken.issued == Self.size else { throw BenchError(description: "\(taken.issued) results were taken") }
        return seconds
    }

    private static let tables = ["policy", "policy_cover", "policy_event", "insurance_candidates"]

    /// The same rows into the same tables by COPY, committed.
    private func copy(_ house: BenchHouse) async throws -> Double {
        let pieces = Mutex<[String: [[UInt8]]]>([:])
        try await house.database.inTransaction { transaction in
            for table in Self.tables {
                try await transaction.copyOut("select * from bench_\(table)", options: "format binary") { piece in
                    pieces.withLock { $0[table, default: []].append(piece) }
                }
            }
        }
        try await clear(house)
        let rows = pieces.withLock { $0.mapValues { Array($0.joined()) } }
        let start = MonotonicTime.current
        try await house.database.inTransaction { transaction in
            for table in Self.tables {
                // Without the header and the end, which the writer adds.
                let body = Array((rows[table] ?? []).dropFirst(19).dropLast(2))
                _ = try await transaction.copyIn(into: table) { (writer) async throws(PostgresError) in
                    for start in stride(from: 0, to: body.count, by: 65_536) {
                        try await writer.rows(Array(body[start..<min(start + 65_536, body.count)]))
                    }
                }
            }
        }
        return (MonotonicTime.current - start).secondsValue
    }
}
