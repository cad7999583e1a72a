package import Postgres
package import Programs
package import Registry
package import Runtime

/// A policy that is to pass into another state.
package struct PolicyMove: Sendable {
    package let policyID: ID<Policy>
    package let state: PolicyState
    /// The insurer's number, where this brings it.
    package var number: String?
    /// The days that are covered, where this brings them: the first, and the first that no longer is.
    package var coverFrom: CalendarDate?
    package var coverUntil: CalendarDate?
    /// Needed of what ends early.
    package var reason: String?

    package init(
        _ policyID: ID<Policy>, to state: PolicyState, number: String? = nil, coverFrom: CalendarDate? = nil,
        coverUntil: CalendarDate? = nil, reason: String? = nil
    ) {
        self.policyID = policyID
        self.state = state
        self.number = number
        self.coverFrom = coverFrom
        self.coverUntil = coverUntil
        self.reason = reason
    }
}

/// What became of a move.
package struct PolicyMoved: Hashable, Sendable {
    package enum Verdict: String, CaseIterable, Sendable {
        case moved
        /// It was so already.
        case unchanged
        /// The batch has none of this number.
        case noPolicy = "no_policy"
        /// The state cannot follow the present one.
        case notAllowed = "not_allowed"
        /// The insurer's number is another policy's.
        case numberUsed = "number_used"
        /// Its days do not lie within the batch's.
        case outsideCover = "outside_cover"
        /// The person has another policy of the family on some of these days.
        case covered
        /// An earlier move of the same call was about the same policy.
        case repeated
    }

    package let verdict: Verdict
    /// As it was; nil where there is none.
    package let before: PolicyState?
}

/// Somebody who is to get a policy that is free in a batch.
package struct PolicyRequest: Sendable {
    package let memberID: ID<Member>
    /// As the run had them; nil for who joins mutual aid.
    package var place: Int32?
    package var priority: Int16?
    package var groups: Int16
    package var way: RegisterDraw.Way

    package init(_ memberID: ID<Member>, place: Int32? = nil, priority: Int16? = nil, groups: Int16 = 0, way: RegisterDraw.Way = .next) {
        self.memberID = memberID
        self.place = place
        self.priority = priority
        self.groups = groups
        self.way = way
    }
}

/// What became of a request for a policy.
package struct PolicyAssigned: Hashable, Sendable {
    package enum Verdict: String, CaseIterable, Sendable {
        case assigned
        /// Nothing is free.
        case noPlace = "no_place"
        /// The person has or had a policy of this batch.
        case hasHad = "has_had"
        /// The person has a policy of the family on some of these days.
        case covered
        /// The membership is not active.
        case notActive = "not_active"
        /// The batch does not give policies now.
        case notOpen = "not_open"
    }

    package let verdict: Verdict
    /// The one that was given, or the one the person has or had.
    package let policyID: ID<Policy>?
}

/// Policies: every statement about them. They are given and moved by functions in the database, which keep the batch's sum, and by nothing
/// else; the run alone writes a whole batch at once.
package struct PolicyStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// The service's time in SQL: the database's clock, moved by `--clock-offset`.
    var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    // MARK: Deciding

    /// Moves policies of one batch, all in one statement.
    /// - Parameter acceptDays: the product's, for those that are issued.
    /// - Returns: one outcome a move, in their order.
    package func move(
        _ moves: [PolicyMove], of batch: ID<InsuranceBatch>, acceptDays: Int?, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> [PolicyMoved] {
        if moves.isEmpty { return [] }
        let rows = try await querying.query(
            """
            select ordinality, outcome, state_before
            from insurance_move(
                \(batch), \(moves.map(\.policyID)), \(moves.map(\.state.rawValue)), \(moves.map(\.number)), \(moves.map(\.coverFrom)),
                \(moves.map(\.coverUntil)), \(acceptDays.map { Int16($0) })::smallint, \(moves.map(\.reason)), \(subject),
                \(clockOffsetMicroseconds))
            """)
        var outcomes = [PolicyMoved?](repeating: nil, count: moves.count)
        for row in rows {
            let position = Int(try row.decode(0, as: Int32.self)) - 1
            guard outcomes.indices.contains(position) else { throw .decoding("an answer to no request") }
            let before: String? = try row.decode(2)
            outcomes[position] = PolicyMoved(verdict: try row.decodeOption(1), before: before.flatMap(PolicyState.init(rawValue:)))
        }
        return try outcomes.map { outcome throws(PostgresError) in
            guard let outcome else { throw .decoding("a request without an answer") }
            return outcome
        }
    }

    /// Gives free policies of one batch, in this order, all in one statement.
    /// - Returns: one outcome a request, in their order.
    package func assign(
        _ requests: [PolicyRequest], of batch: ID<InsuranceBatch>, source: Policy.Source, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> [PolicyAssigned] {
        if requests.isEmpty { return [] }
        let rows = try await querying.query(
            """
            select ordinality, outcome, policy_id
            from insurance_assign(
                \(batch), \(requests.map(\.memberID)), \(requests.map(\.place)), \(requests.map(\.priority)), \(requests.map(\.groups)),
                \(requests.map(\.way.rawValue)), \(source.rawValue), \(subject), \(clockOffsetMicroseconds))
            """)
        var outcomes = [PolicyAssigned?](repeating: nil, count: requests.count)
        for row in rows {
            let position = Int(try row.decode(0, as: Int32.self)) - 1
            guard outcomes.indices.contains(position) else { throw .decoding("an answer to no request") }
            outcomes[position] = PolicyAssigned(verdict: try row.decodeOption(1), policyID: try row.decode(2))
        }
        return try outcomes.map { outcome throws(PostgresError) in
            guard let outcome else { throw .decoding("a request without an answer") }
            return outcome
        }
    }

    // MARK: A run, which writes a batch at once

    /// Holds a family against everything that gives policies of it, to the end of the transaction; its batch is held already.
    package func hold(family: String, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("select insurance_hold_family(\(family))")
    }

    /// Everybody who has a policy of the family on some of these days, and whoever goes on for somebody who has, by merging.
    package func covered(
        _ family: String, from first: CalendarDate, until end: CalendarDate, in querying: any Querying
    ) async throws(PostgresError) -> [Int64] {
        try await Self.coveredMembers(family, from: first, until: end, in: querying)
    }

    static func coveredMembers(
        _ family: String, from first: CalendarDate, until end: CalendarDate, in querying: any Querying
    ) async throws(PostgresError) -> [Int64] {
        try await querying.query(
            """
            with holder as (
                select member_id from policy_cover
                where family = \(family) and cover && daterange(\(first), \(end))
            )
            select coalesce(array_agg(member_id), '{}')
            from (
                select member_id from holder
                union all
                select merged_into from member join holder using (member_id) where merged_into is not null
            ) held
            """
        ).single.decode(0)
    }

    /// Reserves policies for whom a run gave them, as many as the batch has free or fewer; the batch is held.
    /// - Parameter progress: how many are written.
    package func reserve(
        _ draw: RegisterDraw, of batch: InsuranceBatch, _ product: InsuranceProduct, by subject: String, in transaction: Transaction,
        progress: @Sendable (Int) async throws -> Void = { _ in }
    ) async throws {
        for setting in Self.wholeBatch { _ = try await transaction.query(SQL(raw: setting)) }
        let (given, candidates) = (draw.given, draw.candidates)
        for start in stride(from: 0, to: given.count, by: Self.pieceRows) {
            let piece = given[start..<min(start + Self.pieceRows, given.count)]
            _ = try await transaction.query(
                """
                insert into policy (
                    member_id, batch_id, insurer_id, family, state, source, cover, place, class, groups, phase, changed_at)
                select
                    member_id, \(batch.id), \(product.insurerID), \(product.facts.family), 'reserved', 'run',
                    daterange(\(batch.facts.coverFrom), \(batch.facts.coverUntil)), place, class, groups, phase, \(fragment: instant)
                from unnest(
                    \(piece.map { candidates.members[$0.row] }), \(piece.map { draw.places[$0.row] }),
                    \(piece.map { Int16(candidates.classes[$0.row]) }), \(piece.map { Int16(candidates.groups[$0.row]) }),
                    \(piece.map(\.way.rawValue))) as given (member_id, place, class, groups, phase)
                """)
            try await progress(start + piece.count)
        }
        _ = try await transaction.query(
            """
            insert into policy_cover (member_id, policy_id, family, cover)
            select member_id, policy_id, family, cover from policy where batch_id = \(batch.id) and state = 'reserved'
            order by member_id
            """)
        _ = try await transaction.query(
            """
            insert into policy_event (member_id, policy_id, state_after, done_by, occurred_at)
            select member_id, policy_id, 'reserved', \(subject), changed_at from policy
            where batch_id = \(batch.id) and state = 'reserved'
            """)
        try await number(batch, product, in: transaction)
        _ = try await transaction.query(
            """
            update insurance_batch
            set free = free - \(Int32(given.count)), reserved = reserved + \(Int32(given.count))
            where batch_id = \(batch.id)
            """)
    }

    /// Numbers that the insurer gave beforehand go to those who come first in the common order.
    private func number(_ batch: InsuranceBatch, _ product: InsuranceProduct, in transaction: Transaction) async throws(PostgresError) {
        _ = try await transaction.query(
            """
            with free as (
                select number, row_number() over (order by number) as turn
                from policy_number
                where batch_id = \(batch.id) and state = 'free'
            ),
            meant as (
                select member_id, policy_id, row_number() over (order by place) as turn
                from policy
                where batch_id = \(batch.id) and state = 'reserved' and number is null and exists (select from free)
            ),
            given as (
                update policy
                set number = free.number
                from meant
                join free using (turn)
                where policy.member_id = meant.member_id and policy.policy_id = meant.policy_id
                returning policy.member_id, policy.policy_id, policy.number
            )
            update policy_number
            set state = 'given', member_id = given.member_id, policy_id = given.policy_id
            from given
            where policy_number.insurer_id = \(product.insurerID) and policy_number.number = given.number
            """)
    }

    /// Writes down whom a run looked at, and that it was made; the batch is held.
    package func note(
        _ draw: RegisterDraw, of batch: ID<InsuranceBatch>, inputsHash: [UInt8], by subject: String, in transaction: Transaction
    ) async throws(PostgresError) {
        let candidates = draw.candidates
        for (index, start) in stride(from: 0, to: candidates.count, by: Self.candidateRows).enumerated() {
            let rows = start..<min(start + Self.candidateRows, candidates.count)
            _ = try await transaction.query(
                """
                insert into insurance_candidates (
                    batch_id, piece, first_member_id, last_member_id, member_ids, places, classes, groups)
                values (
                    \(batch), \(Int32(index)), \(candidates.members[rows.lowerBound]), \(candidates.members[rows.upperBound - 1]),
                    \(Array(candidates.members[rows])), \(Array(draw.places[rows])), \(candidates.classes[rows].map { Int16($0) }),
                    \(candidates.groups[rows].map { Int16($0) }))
                """)
        }
        _ = try await transaction.query(
            """
            update insurance_batch
            set state = 'run', run_by = \(subject), run_at = \(fragment: instant), inputs_hash = \(inputsHash),
                figures = \(try InsuranceJSON.text(draw.figures))::jsonb, version = version + 1
            where batch_id = \(batch)
            """)
    }

    /// Gives back all that a run reserved and nobody was told of; the batch is held.
    package func giveBack(_ batch: InsuranceBatch, _ product: InsuranceProduct, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            with gone as (
                delete from policy where batch_id = \(batch.id) and state = 'reserved' returning member_id, policy_id
            ),
            uncovered as (
                delete from policy_cover using gone
                where policy_cover.member_id = gone.member_id and policy_cover.policy_id = gone.policy_id
            ),
            forgotten as (
                delete from policy_event using gone
                where policy_event.member_id = gone.member_id and policy_event.policy_id = gone.policy_id
            ),
            loosened as (
                update policy_number set state = 'free', member_id = null, policy_id = null
                where insurer_id = \(product.insurerID) and batch_id = \(batch.id) and state = 'given'
            )
            update insurance_batch
            set free = free + (select count(*) from gone), reserved = reserved - (select count(*) from gone)
            where batch_id = \(batch.id)
            """)
    }

    /// Whom the run of a batch looked at, with their places, by rising number.
    package func candidates(
        of batch: ID<InsuranceBatch>, in querying: any Querying
    ) async throws(PostgresError) -> (candidates: RegisterCandidates, places: [Int32]) {
        var (members, classes, groups): ([Int64], [UInt8], [UInt8]) = ([], [], [])
        var places: [Int32] = []
        for row in try await querying.query(
            "select member_ids, places, classes, groups from insurance_candidates where batch_id = \(batch) order by piece")
        {
            members += try row.decode(0, as: [Int64].self)
            places += try row.decode(1, as: [Int32].self)
            classes += try row.decode(2, as: [Int16].self).map { UInt8(truncatingIfNeeded: $0) }
            groups += try row.decode(3, as: [Int16].self).map { UInt8(truncatingIfNeeded: $0) }
        }
        return (RegisterCandidates(members: members, classes: classes, groups: groups), places)
    }

    private static let pieceRows = 16_384
    private static let candidateRows = 20_000
    /// A batch that has just grown from nothing looks empty to PostgreSQL.
    private static let wholeBatch = ["set local enable_nestloop = off", "set local work_mem = '64MB'", "set local jit = off"]

    // MARK: Reading

    static let columns = """
        policy.policy_id, policy.member_id, policy.batch_id, policy.state, policy.source, lower(policy.cover), upper(policy.cover),
        policy.number, policy.place, policy.reason, policy.accept_until, policy.contribution_paid_at, policy.version, policy.changed_at
        """

    static func policy(_ row: Row) throws(PostgresError) -> Policy {
        Policy(
            id: try row.decode(0), memberID: try row.decode(1), batchID: try row.decode(2), state: try row.decodeOption(3),
            source: try row.decodeOption(4), coverFrom: try row.decode(5), coverUntil: try row.decode(6), number: try row.decode(7),
            place: try row.decode(8), reason: try row.decode(9), acceptUntil: try row.decode(10), contributionPaidAt: try row.decode(11),
            version: try row.decode(12), changedAt: try row.decode(13))
    }

    package func find(
        _ id: ID<Policy>, of batch: ID<InsuranceBatch>, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Policy? {
        let rows = try await (querying ?? database).query(
            "select \(raw: Self.columns) from policy where batch_id = \(batch) and policy_id = \(id)")
        return try rows.first.map { row throws(PostgresError) in try Self.policy(row) }
    }

    /// A member's policy of a batch, if there is or was one.
    package func policy(
        of member: ID<Member>, in batch: ID<InsuranceBatch>, querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Policy? {
        let rows = try await (querying ?? database).query(
            "select \(raw: Self.columns) from policy where batch_id = \(batch) and member_id = \(member)")
        return try rows.first.map { row throws(PostgresError) in try Self.policy(row) }
    }

    /// In the order of their numbers in our books, from the one after `after`.
    package func list(
        of batch: ID<InsuranceBatch>, state: PolicyState? = nil, after: ID<Policy>?, limit: Int, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [Policy] {
        var policies: [Policy] = []
        for row in try await (querying ?? database).query(
            """
            select \(raw: Self.columns) from policy
            where batch_id = \(batch) and policy_id > \(after?.rawValue ?? 0) and state = coalesce(\(state?.rawValue), state)
            order by policy_id
            limit \(limit)
            """)
        { policies.append(try Self.policy(row)) }
        return policies
    }
}
