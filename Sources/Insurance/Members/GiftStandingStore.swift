import Crypto
import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Reads how it stands with a person in batches: every statement about it.
struct GiftStandingStore: Sendable {
    private let database: Database
    private let clockOffsetMicroseconds: Int64
    private let life: InsuranceBatchLife
    private let candidates: CandidateStore

    init(_ database: Database, life: InsuranceBatchLife, clock: Clock) {
        self.database = database
        self.life = life
        clockOffsetMicroseconds = clock.offsetMicroseconds
        candidates = CandidateStore(database)
    }

    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    /// One batch that is confirmed or closed; nil of any other.
    /// - Parameter numbers: all numbers of the person.
    func standing(of member: ID<Member>, _ numbers: [ID<Member>], in batch: ID<InsuranceBatch>) async throws -> GiftStanding? {
        guard var standing = try await standings(of: member, numbers, "batch.batch_id = \(batch)", limit: 1).first else { return nil }
        standing.draw = try await draw(standing.batch)
        return standing
    }

    /// Batches in whose organizations the person is, or of which they have a policy, by rising number: gifts, and mutual aid that can be
    /// joined. Without what the draws were.
    func standings(
        of member: ID<Member>, _ numbers: [ID<Member>], after: ID<InsuranceBatch>?, limit: Int
    ) async throws -> [GiftStanding] {
        try await standings(
            of: member, numbers,
            """
            batch.batch_id > \(after?.rawValue ?? 0)
            and (
                own.policy_id is not null
                or (
                    (batch.kind = 'gift' or (batch.state = 'confirmed' and batch.join_until > \(fragment: instant)))
                    and exists (
                        select
                        from member
                        join organization_ancestor on organization_ancestor.organization_id = member.organization_id
                        where member.member_id = \(member) and organization_ancestor.ancestor_id = batch.organization_id)))
            """, limit: limit)
    }

    private func standings(
        of member: ID<Member>, _ numbers: [ID<Member>], _ condition: SQL, limit: Int
    ) async throws -> [GiftStanding] {
        let rows = try await database.query(
            """
            select
                batch.batch_id, own.policy_id, own.state, own.source, own.phase, looked.member_id, looked.place, looked.class,
                looked.groups,
                exists (
                    select
                    from policy_cover
                    join policy using (member_id, policy_id)
                    where policy_cover.member_id = any(\(numbers)) and policy_cover.family = product.family
                        and policy_cover.cover && daterange(batch.cover_from, batch.cover_until)
                        and policy.batch_id <> batch.batch_id),
                coalesce(batch.join_until > \(fragment: instant), false)
            from insurance_batch batch
            join insurance_product product on product.product_id = batch.product_id
            left join lateral (
                select policy.policy_id, policy.state, policy.source, policy.phase
                from policy
                where policy.member_id = any(\(numbers)) and policy.batch_id = batch.batch_id
                order by policy.state in ('refused', 'returned'), policy.policy_id desc
                limit 1
            ) own on true
            left join lateral (
                select
                    found.member_id, found.places[found.at] as place, found.classes[found.at] as class, found.groups[found.at] as groups
                from (
                    select
                        number.member_id, piece.places, piece.classes, piece.groups,
                        array_position(piece.member_ids, number.member_id) as at
                    from unnest(\(numbers)) as number (member_id)
                    join insurance_candidates piece
                        on piece.batch_id = batch.batch_id
                        and number.member_id between piece.first_member_id and piece.last_member_id
                ) found
                where found.at is not null
                order by found.member_id
                limit 1
            ) looked on true
            where batch.state in ('confirmed', 'closed') and \(fragment: condition)
            order by batch.batch_id
            limit \(limit)
            """)
        if rows.isEmpty { return [] }
        let person = try await candidates.find([member]).first ?? nil
        var standings: [GiftStanding] = []
        for row in rows {
            guard let batch = try await life.batches.find(try row.decode(0)),
                let product = try await life.products.product(batch.productID)
            else { continue }
            standings.append(try await Self.standing(row, batch, product, person, in: database))
        }
        return standings
    }

    private static func standing(
        _ row: Row, _ batch: InsuranceBatch, _ product: InsuranceProduct, _ person: CandidateStore.Found?, in querying: any Querying
    ) async throws(PostgresError) -> GiftStanding {
        var own: GiftStanding.Own?
        if let id: ID<Policy> = try row.decode(1) {
            own = GiftStanding.Own(id: id, state: try row.decodeOption(2), source: try row.decodeOption(3), way: try row.decode(4))
        }
        var look: GiftStanding.Look?
        if let id: ID<Member> = try row.decode(5) {
            look = GiftStanding.Look(
                memberID: id, place: try row.decode(6), priority: try row.decode(7), groups: try row.decode(8))
        }
        var failing: [Localized] = []
        // What fails is asked only of who has nothing: it is what the person would be told.
        if own == nil, let person {
            let rules = GiftRun.rules(of: batch, product)
            let positions = rules.rank(person.candidate).failing
            if !positions.isEmpty {
                let names = try await rules.names(in: querying)
                failing = positions.map { rules.eligibility[$0].text(names) }
            }
        }
        return GiftStanding(
            batch: batch, product: product, own: own, look: look, draw: nil, isCovered: try row.decode(9),
            isActive: person?.candidate.status == .active, isJoinTime: try row.decode(10), failing: failing)
    }

    /// What the run of a confirmed batch was; nil for mutual aid.
    private func draw(_ batch: InsuranceBatch) async throws -> GiftStanding.Draw? {
        guard let figures = batch.figures, let sealed = try await life.batches.sealedSecret(of: batch.id) else { return nil }
        let last: Int32? = try await database.query("select last_place from insurance_batch where batch_id = \(batch.id)").single.decode(0)
        return GiftStanding.Draw(
            candidates: figures.classes.reduce(0) { $0 + $1.applicants }, quota: figures.quota, lastPlace: last,
            secret: try life.sealer.open(sealed, in: InsuranceBatchLife.secretColumn, row: batch.id.rawValue))
    }
}
