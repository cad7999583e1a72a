package import Postgres
import Programs
package import Registry
package import Runtime

/// Insurers and products: every statement that reads, makes and changes them.
package struct InsuranceProductStore: Sendable {
    package let database: Database
    let clockOffsetMicroseconds: Int64

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// The service's time in SQL: the database's clock, moved by `--clock-offset`.
    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    // MARK: Insurers

    private static let insurerColumns = "insurer_id, organization_id, version, name, hotline, file_form::text"

    /// - Parameter scope: an organization outside of it is unknown.
    /// - Returns: nil where the organization is unknown.
    package func create(
        _ facts: InsurerFacts, of organization: ID<Organization>, within scope: Scope, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> Insurer? {
        let rows = try await querying.query(
            """
            insert into insurer (organization_id, name, hotline, file_form, created_by, created_at)
            select organization_id, \(facts.name), \(facts.hotline), \(try InsuranceJSON.text(facts.form))::jsonb, \(subject),
                \(fragment: instant)
            from organization
            where organization_id = \(organization) and \(fragment: scope.condition("organization.organization_id"))
            returning \(raw: Self.insurerColumns)
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.insurer(row) }
    }

    /// Changes an insurer that is held.
    package func change(
        _ id: ID<Insurer>, to facts: InsurerFacts, in querying: any Querying
    ) async throws(PostgresError) -> Insurer {
        try Self.insurer(
            try await querying.query(
                """
                update insurer
                set name = \(facts.name), hotline = \(facts.hotline), file_form = \(try InsuranceJSON.text(facts.form))::jsonb,
                    version = version + 1
                where insurer_id = \(id)
                returning \(raw: Self.insurerColumns)
                """
            ).single)
    }

    /// - Parameter isHeld: against other changes, to the end of the transaction.
    package func insurer(
        _ id: ID<Insurer>, within scope: Scope = .everything, isHeld: Bool = false, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Insurer? {
        let rows = try await (querying ?? database).query(
            """
            select \(raw: Self.insurerColumns) from insurer
            where insurer_id = \(id) and \(fragment: scope.condition("insurer.organization_id"))
            \(raw: isHeld ? "for no key update" : "")
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.insurer(row) }
    }

    /// In order of their ids, from the one after `after`.
    package func insurers(within scope: Scope, after: ID<Insurer>?, limit: Int) async throws(PostgresError) -> [Insurer] {
        var insurers: [Insurer] = []
        for row in try await database.query(
            """
            select \(raw: Self.insurerColumns) from insurer
            where insurer_id > \(after?.rawValue ?? 0) and \(fragment: scope.condition("insurer.organization_id"))
            order by insurer_id
            limit \(limit)
            """)
        { insurers.append(try Self.insurer(row)) }
        return insurers
    }

    private static func insurer(_ row: Row) throws(PostgresError) -> Insurer {
        Insurer(
            id: try row.decode(0), organizationID: try row.decode(1), version: try row.decode(2),
            facts: InsurerFacts(name: try row.decode(3), hotline: try row.decode(4), form: try InsuranceJSON.value(try row.decode(5))))
    }

    // MARK: Products

    private static let factColumns = """
        name, name_en, family, sum_insured_fen, covers, age_min, age_max, sex, worker_kinds, is_accepted_by_member, accept_days,
        beneficiary, on_leaving, on_transfer, claim_advice, claim_advice_en
        """

    private static let productColumns = """
        product.product_id, product.insurer_id, insurer.organization_id, product.version, product.name, product.name_en, product.family,
        product.sum_insured_fen, product.covers::text, product.age_min, product.age_max, product.sex, product.worker_kinds,
        product.accept_days, product.beneficiary, product.on_leaving, product.on_transfer, product.claim_advice, product.claim_advice_en
        """

    private static func values(_ facts: InsuranceProductFacts) throws(PostgresError) -> SQL {
        """
        \(facts.name), \(facts.nameEn), \(facts.family), \(facts.sumInsuredFen), \(try InsuranceJSON.text(facts.covers))::jsonb,
        \(Int16(facts.ages.lowerBound)), \(Int16(facts.ages.upperBound)), \(facts.sex?.rawValue), \(facts.workerKinds.map(\.rawValue)),
        \(facts.acceptDays != nil), \(facts.acceptDays.map { Int16($0) }), \(facts.beneficiary.rawValue), \(facts.onLeaving.rawValue),
        \(facts.onTransfer.rawValue), \(facts.claimAdvice), \(facts.claimAdviceEn)
        """
    }

    /// - Parameter scope: an insurer outside of it is unknown.
    /// - Returns: nil where the insurer is unknown.
    package func create(
        _ facts: InsuranceProductFacts, of insurer: ID<Insurer>, within scope: Scope, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> InsuranceProduct? {
        let rows = try await querying.query(
            """
            insert into insurance_product (insurer_id, created_by, created_at, \(raw: Self.factColumns))
            select insurer_id, \(subject), \(fragment: instant), \(fragment: try Self.values(facts))
            from insurer
            where insurer_id = \(insurer) and \(fragment: scope.condition("insurer.organization_id"))
            returning product_id
            """)
        guard let row = rows.first else { return nil }
        return try await product(try row.decode(0), in: querying)
    }

    /// Changes a product of which no batch was announced.
    /// - Returns: nil where one was: what people were told stays.
    package func change(
        _ id: ID<InsuranceProduct>, to facts: InsuranceProductFacts, in querying: any Querying
    ) async throws(PostgresError) -> InsuranceProduct? {
        let told = try await querying.query("select from insurance_batch where product_id = \(id) and announced_at is not null limit 1")
        guard told.isEmpty else { return nil }
        _ = try await querying.query(
            """
            update insurance_product
            set (version, \(raw: Self.factColumns)) = row(version + 1, \(fragment: try Self.values(facts)))
            where product_id = \(id)
            """)
        return try await product(id, in: querying)
    }

    /// - Parameter isHeld: against other changes, to the end of the transaction.
    package func product(
        _ id: ID<InsuranceProduct>, within scope: Scope = .everything, isHeld: Bool = false, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> InsuranceProduct? {
        let rows = try await (querying ?? database).query(
            """
            select \(raw: Self.productColumns)
            from insurance_product product
            join insurer using (insurer_id)
            where product_id = \(id) and \(fragment: scope.condition("insurer.organization_id"))
            \(raw: isHeld ? "for no key update of product" : "")
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.product(row) }
    }

    /// In order of their ids, from the one after `after`.
    package func products(
        within scope: Scope, of insurer: ID<Insurer>? = nil, after: ID<InsuranceProduct>?, limit: Int
    ) async throws(PostgresError) -> [InsuranceProduct] {
        let one: SQL = insurer.map { "product.insurer_id = \($0)" } ?? "true"
        var products: [InsuranceProduct] = []
        for row in try await database.query(
            """
            select \(raw: Self.productColumns)
            from insurance_product product
            join insurer using (insurer_id)
            where product_id > \(after?.rawValue ?? 0) and \(fragment: one) and \(fragment: scope.condition("insurer.organization_id"))
            order by product_id
            limit \(limit)
            """)
        { products.append(try Self.product(row)) }
        return products
    }

    private static func product(_ row: Row) throws(PostgresError) -> InsuranceProduct {
        let sex: String? = try row.decode(11)
        var kinds: [WorkerKind] = []
        for name in try row.decode(12, as: [String].self) {
            guard let kind = WorkerKind(rawValue: name) else { throw .decoding("a worker kind that there is not") }
            kinds.append(kind)
        }
        let acceptDays: Int16? = try row.decode(13)
        return InsuranceProduct(
            id: try row.decode(0), insurerID: try row.decode(1), organizationID: try row.decode(2), version: try row.decode(3),
            facts: InsuranceProductFacts(
                name: try row.decode(4), nameEn: try row.decode(5), family: try row.decode(6), sumInsuredFen: try row.decode(7),
                covers: try InsuranceJSON.value(try row.decode(8)),
                ages: Int(try row.decode(9, as: Int16.self))...Int(try row.decode(10, as: Int16.self)),
                sex: sex.flatMap(Sex.init(rawValue:)), workerKinds: kinds, acceptDays: acceptDays.map { Int($0) },
                beneficiary: try row.decodeOption(14), onLeaving: try row.decodeOption(15), onTransfer: try row.decodeOption(16),
                claimAdvice: try row.decode(17), claimAdviceEn: try row.decode(18)))
    }
}
