import HTTP
import Postgres
import Programs
import Registry
import Runtime
import Synchronization

/// What published classes ask of those who enrol: it never changes once they are published.
final class FrozenAudiences: Sendable {
    private static let entriesMax = 2_000
    private let entries = Mutex<[ID<SchoolClass>: Condition?]>([:])

    /// By class; of one that is not published there is no entry.
    func find(_ ids: Set<ID<SchoolClass>>, in querying: any Querying) async throws(PostgresError) -> [ID<SchoolClass>: Condition?] {
        var found = entries.withLock { entries in
            ids.reduce(into: [ID<SchoolClass>: Condition?]()) { found, id in
                if let entry = entries[id] { found.updateValue(entry, forKey: id) }
            }
        }
        let missing = ids.filter { found[$0] == nil }.sorted()
        if missing.isEmpty { return found }
        let read = try await EnrolmentStore.audiences(missing, in: querying)
        found.merge(read) { _, new in new }
        entries.withLock { entries in
            if entries.count + read.count > Self.entriesMax { entries.removeAll() }
            entries.merge(read) { _, new in new }
        }
        return found
    }
}

/// Decides enrolments: what the audiences say of the persons here, everything else in `night_school_enrol`.
struct EnrolmentDeciding: Sendable {
    let audiences: FrozenAudiences
    let candidates: CandidateStore
    let clockOffsetMicroseconds: Int64

    /// How often a request is looked at again whose person has another in the batch.
    private static let turnsMax = 8

    func enrol(_ requests: [EnrolmentRequest], in querying: any Querying) async throws(PostgresError) -> [EnrolmentRequest.Outcome] {
        var outcomes = [EnrolmentRequest.Outcome?](repeating: nil, count: requests.count)
        let faults = try await judge(requests, in: querying)
        var waiting = Array(requests.indices)
        for _ in 0..<Self.turnsMax where !waiting.isEmpty {
            waiting = try await decide(waiting, requests, faults, &outcomes, in: querying)
        }
        let answered = outcomes.compactMap(\.self)
        // One person's requests by the dozen, in one batch: the last of them are tried on their own.
        guard answered.count == requests.count else { throw .decoding("\(answered.count) answers to \(requests.count) enrolments") }
        return answered
    }

    /// What the audiences of the classes wished for have against each person.
    private func judge(_ requests: [EnrolmentRequest], in querying: any Querying) async throws(PostgresError) -> [[Violation]] {
        let asked = try await audiences.find(Set(requests.flatMap(\.wishes)), in: querying)
        let strangers = requests.indices.filter { index in requests[index].wishes.contains { (asked[$0] ?? nil) != nil } }
        let looked = try await candidates.find(strangers.map { requests[$0].memberID }, in: querying)
        var faults = [[Violation]](repeating: [], count: requests.count)
        for (index, found) in zip(strangers, looked) {
            guard let found else { continue }
            for (place, wish) in requests[index].wishes.enumerated() {
                guard let audience = asked[wish] ?? nil, !audience.holds(of: found.candidate) else { continue }
                faults[index].append(EnrolmentReason.notEligible(audience.text(), at: "/wishes/\(place)"))
            }
        }
        return faults
    }

    /// - Returns: those to be looked at again.
    private func decide(
        _ waiting: [Int], _ requests: [EnrolmentRequest], _ faults: [[Violation]], _ outcomes: inout [EnrolmentRequest.Outcome?],
        in querying: any Querying
    ) async throws(PostgresError) -> [Int] {
        var again: [Int] = []
        for row in try await querying.query(statement(waiting.map { requests[$0] }, waiting.map { faults[$0].isEmpty })) {
            let position = Int(try row.decode(0, as: Int32.self)) - 1
            guard waiting.indices.contains(position) else { throw .decoding("an answer to no enrolment") }
            let index = waiting[position]
            switch try row.decode(1, as: String.self) {
            case "seated": outcomes[index] = .seated(try row.decode(6), in: try row.decode(7))
            case "applied": outcomes[index] = .applied(try row.decode(6))
            case "waitlisted": outcomes[index] = .waitlisted(try row.decode(6), place: try row.decode(8))
            case "repeated":
                guard let told = try row.decode(2, as: [String].self).first.flatMap(Enrolment.State.init(rawValue:)) else {
                    throw .decoding("an answer unknown to this version")
                }
                outcomes[index] = .repeated(try row.decode(6), told)
            case "refused":
                outcomes[index] = .refused(try await reasons(row, requests[index], in: querying) + faults[index])
            case "conflict": outcomes[index] = .conflict
            case "class_unknown": outcomes[index] = .classUnknown
            case "member_unknown": outcomes[index] = .memberUnknown
            case "again": again.append(index)
            default: throw .decoding("an outcome unknown to this version")
            }
        }
        return again.sorted()
    }

    private func statement(_ requests: [EnrolmentRequest], _ mayWrite: [Bool]) -> SQL {
        """
        select request, outcome, reasons, reason_classes, clash_classes, clash_numbers, enrolment_id, class_id, place
        from night_school_enrol(
            \(requests.map(\.memberID)), \(requests.map(\.requestID)),
            \(requests.map { "{" + $0.wishes.map(\.description).joined(separator: ",") + "}" }), \(mayWrite),
            \(requests.map(\.subject)), \(clockOffsetMicroseconds))
        """
    }

    private func reasons(
        _ row: Row, _ request: EnrolmentRequest, in querying: any Querying
    ) async throws(PostgresError) -> [Violation] {
        let codes: [String] = try row.decode(2)
        let classes: [Int64] = try row.decode(3)
        let others: [Int64?] = try row.decode(4)
        let numbers: [Int32?] = try row.decode(5)
        var reasons: [Violation] = []
        for (index, code) in codes.enumerated() {
            guard let reason = EnrolmentReason(rawValue: code) else { throw .decoding("a reason unknown to this version") }
            let wish = classes.indices.contains(index) ? request.wishes.firstIndex { $0.rawValue == classes[index] } : nil
            let pointer = wish.map { "/wishes/\($0)" } ?? "/wishes"
            if reason == .lessonsClash, others.indices.contains(index), let other = others[index], let number = numbers[index],
                let lesson = try await EnrolmentStore.lesson(ID(other), number, in: querying)
            {
                reasons.append(lesson.violation(at: pointer))
            } else {
                reasons.append(Violation(code, pointer: pointer, zh: reason.text.zh, en: reason.text.en))
            }
        }
        return reasons
    }
}
