import Postgres
import Registry
import Runtime

/// Looks up the masked names of whom a roll shows.
struct LessonPeople: Sendable {
    let members: MemberStore

    private static let atOnce = 5_000

    func names(_ ids: [ID<Member>]) async throws(PostgresError) -> [ID<Member>: String] {
        var names: [ID<Member>: String] = [:]
        for start in stride(from: 0, to: ids.count, by: Self.atOnce) {
            let part = Array(ids[start..<min(start + Self.atOnce, ids.count)])
            for member in try await members.members(part, within: .everything) { names[member.id] = member.person?.name.masked }
        }
        return names
    }

    /// The rolls with names.
    func named(_ rolls: [LessonRoll]) async throws(PostgresError) -> [LessonRoll] {
        let names = try await names(Array(Set(rolls.flatMap { $0.lines.compactMap(\.memberIds.first) })).sorted())
        return rolls.map { roll in
            var roll = roll
            roll.lines = roll.lines.map { line in
                LessonRoll.Line(
                    memberIds: line.memberIds, maskedName: line.memberIds.first.flatMap { names[$0] }, isGuest: line.isGuest,
                    isLent: line.isLent, state: line.state, source: line.source, occurredAt: line.occurredAt)
            }
            return roll
        }
    }
}
