import Crypto
import Postgres
import Runtime

// The two set-based functions through which every new and changed member goes, be it one or ten thousand.
extension MemberStore {
    func lookUp(_ entries: [MemberEntry], drawsIDs: Bool, in querying: any Querying) async throws(PostgresError) -> [MemberLookUp] {
        if entries.isEmpty { return [] }
        let result = try await querying.query(
            """
            select verdict, found_member_id, found_wrapped_key
            from members_import_look_up(
                \(drawsIDs), \(entries.map(\.nationalIDIndex)), \(entries.map(\.personalDigest)),
                \(entries.map(\.draft.organizationID.rawValue)), \(entries.map(\.draft.workerKind?.rawValue)),
                \(entries.map(\.draft.employmentForm?.rawValue)), \(entries.map(\.draft.hardshipPost)),
                \(entries.map(\.draft.employerCheckup)))
            """)
        var answers: [MemberLookUp] = []
        answers.reserveCapacity(entries.count)
        for row in result {
            guard let verdict = MemberLookUp.Verdict(rawValue: try row.decode(0)) else { throw .decoding("an unknown verdict") }
            answers.append(MemberLookUp(verdict: verdict, memberID: try row.decode(1), wrappedKey: try row.decode(2)))
        }
        guard answers.count == entries.count else { throw .decoding("as many verdicts as entries were expected") }
        return answers
    }

    /// The known persons among `answers` whose organization lies outside of `scope`.
    func outside(
        _ scope: Scope, among answers: [MemberLookUp], in querying: any Querying
    ) async throws(PostgresError) -> Set<Int64> {
        if scope == .everything { return [] }
        let ids = answers.compactMap { $0.verdict == .new ? nil : $0.memberID }
        let result = try await querying.query(
            """
            select member_id from member
            where member_id = any(\(ids)) and not \(fragment: scope.condition("member.organization_id"))
            """)
        var outside: Set<Int64> = []
        for row in result { outside.insert(try row.decode(0)) }
        return outside
    }

    func apply(_ batch: MemberApplyBatch, in querying: any Querying) async throws(PostgresError) -> [MemberApplyOutcome] {
        if batch.count == 0 { return [] }
        let result = try await querying.query(
            """
            select request, outcome
            from members_import_apply(
                \(batch.statuses), \(batch.areNew), \(batch.memberIDs), \(batch.organizationIDs), \(batch.workerKinds),
                \(batch.employmentForms), \(batch.sexes), \(batch.birthDays), \(batch.hardshipPosts), \(batch.employerCheckups),
                \(batch.nationalIDIndexes), \(batch.phoneIndexes), \(batch.nameIndexes), \(batch.personalDigests), \(batch.wrappedKeys),
                \(batch.names), \(batch.nationalIDs), \(batch.phones))
            """)
        var outcomes = [MemberApplyOutcome?](repeating: nil, count: batch.count)
        for row in result {
            let request: Int = try row.decode(0)
            guard outcomes.indices.contains(request - 1) else { throw .decoding("an outcome for no entry") }
            outcomes[request - 1] = MemberApplyOutcome(rawValue: try row.decode(1))
        }
        let answers = outcomes.compactMap(\.self)
        guard answers.count == batch.count else { throw .decoding("one outcome for each entry was expected") }
        return answers
    }

    /// Seals what `answers` call for. An entry that needs nothing written gets no place in the batch.
    /// - Parameter status: of who is new, by the organization.
    /// - Returns: the batch, and for each of its places the place of its entry.
    static func seal(
        _ entries: [MemberEntry], _ answers: [MemberLookUp], _ vault: PersonalDataVault,
        status: (ID<Organization>) -> MemberStatus = { _ in .active }
    ) throws(PostgresError) -> (batch: MemberApplyBatch, places: [Int]) {
        var batch = MemberApplyBatch()
        var places: [Int] = []
        for (place, (entry, answer)) in zip(entries, answers).enumerated() {
            guard let memberID = answer.memberID else { continue }
            let person = entry.draft.person
            switch answer.verdict {
            case .unchanged, .forgotten: continue
            case .changed:
                batch.append(
                    entry, status(entry.draft.organizationID), memberID: memberID, isNew: false, sealed: nil, phoneIndex: nil)
            case .new, .personal:
                let sealed: PersonalDataVault.Sealed
                do throws(CryptoError) {
                    sealed = try vault.seal(person, memberID: memberID, wrappedKey: answer.wrappedKey)
                } catch {
                    throw .decoding("a data key that does not open with this key file")
                }
                batch.append(
                    entry, status(entry.draft.organizationID), memberID: memberID, isNew: answer.verdict == .new, sealed: sealed,
                    phoneIndex: person.phone.map { vault.index(of: $0) })
            }
            places.append(place)
        }
        return (batch, places)
    }
}
