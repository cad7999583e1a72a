import Postgres
import Registry
import Runtime

/// Who stands at the counters: looked up together, for a look-up of its own costs as much as a redemption in a batch.
struct ShownMembers: Sendable {
    private let found: PerLoop<Coalescer<ID<Member>, Member?>>

    init(_ database: Database, _ members: MemberStore) {
        found = PerLoop(database.loops) { loop in
            Coalescer(CoalescerFigures("shown_members"), loop: loop, batchMax: RedemptionStore.batchMax) {
                (ids) async throws(PostgresError) in
                let people = try await Self.people(ids, members)
                return ids.map { people[$0] }
            }
        }
    }

    func member(_ id: ID<Member>) async throws(PostgresError) -> Member? { try await found.current.submit(id) }

    static func people(
        _ ids: [ID<Member>], _ members: MemberStore
    ) async throws(PostgresError) -> [ID<Member>: Member] {
        var people: [ID<Member>: Member] = [:]
        for member in try await members.members(Array(Set(ids)), within: .everything) { people[member.id] = member }
        return people
    }
}
