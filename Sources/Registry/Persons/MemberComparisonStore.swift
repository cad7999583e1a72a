import Crypto
import Postgres
import Runtime
import Scheduler

/// Compares members with one another, a bounded number at a time.
///
/// New members have higher numbers, so the place where the last pass ended is where the next ones come in: they are compared within the
/// job's interval. Once a day a pass begins anew, for those who changed name or phone and those whose transaction ended late.
struct MemberComparisonStore: Sendable {
    let database: Database
    let vault: PersonalDataVault
    /// Members in one run.
    var batchCount = 2_000

    var jobs: [Job] {
        [
            Job("members.compare", every: .seconds(30)) { try await compare() },
            Job("members.index_names", every: .seconds(60)) { try await indexNames() },
        ]
    }

    /// Compares the next members.
    func compare() async throws -> JobResult {
        let limit = batchCount
        return try await database.transaction { (transaction) async throws(PostgresError) -> JobResult in
            // The row's lock keeps two servers from walking at once.
            let place = try await transaction.query(
                """
                select member_id, pass_began_on is distinct from (now() at time zone 'Asia/Shanghai')::date as is_new_day
                from member_comparison
                for update
                """)
            guard let row = place.first else { throw .decoding("the place of the comparison was expected") }
            let page = try await transaction.query(
                "select member_id from member where member_id > \(try row.decode(0, as: Int64.self)) order by member_id limit \(limit)")
            var ids: [Int64] = []
            for row in page { ids.append(try row.decode(0)) }
            if let last = ids.last {
                _ = try await transaction.query("select member_duplicates_find(\(ids))")
                _ = try await transaction.query("update member_comparison set member_id = \(last)")
                return ids.count == limit ? .more : .idle
            }
            guard try row.decode(1) else { return .idle }
            _ = try await transaction.query(
                "update member_comparison set member_id = 0, pass_began_on = (now() at time zone 'Asia/Shanghai')::date")
            return .more
        }
    }

    /// Enters members who are not in the index of names into it, and compares them by it.
    func indexNames() async throws -> JobResult {
        let limit = batchCount / 4
        return try await database.transaction { (transaction) async throws(PostgresError) -> JobResult in
            let page = try await transaction.query(
                """
                select personal.member_id, data_key.wrapped_key, personal.name_sealed, personal.national_id_sealed
                from member_personal_data personal
                join member_data_key data_key on data_key.member_id = personal.member_id
                where personal.name_index is null
                order by personal.member_id
                limit \(limit)
                for no key update of personal skip locked
                """)
            var (ids, indexes): ([Int64], [[UInt8]]) = ([], [])
            for row in page {
                let id: Int64 = try row.decode(0)
                let (key, name, nationalID): ([UInt8], [UInt8], [UInt8]) = (
                    try row.decode(1), try row.decode(2), try row.decode(3)
                )
                let person: PersonalData
                do throws(CryptoError) {
                    person = try vault.open(wrappedKey: key, name: name, nationalID: nationalID, phone: nil, memberID: id)
                } catch {
                    throw .decoding("personal data that does not open with this key file")
                }
                ids.append(id)
                indexes.append(vault.nameIndex(of: person))
            }
            _ = try await transaction.query(
                """
                with input as (
                    select * from unnest(\(ids), \(indexes)) as input (member_id, name_index)
                ),
                noted as (
                    update member_personal_data personal
                    set name_index = input.name_index
                    from input
                    where personal.member_id = input.member_id
                )
                insert into member_name_index (name_index, member_id)
                select input.name_index, input.member_id from input
                on conflict on constraint member_name_index_pkey do nothing
                """)
            _ = try await transaction.query("select member_duplicates_find(\(ids))")
            return ids.count == limit ? .more : .idle
        }
    }
}
