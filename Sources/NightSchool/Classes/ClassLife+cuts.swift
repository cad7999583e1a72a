import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Fewer seats than are taken: two organizers say so, and those who lose go to the head of the queue.
extension ClassLife {
    private static let states: Set<SchoolClass.State> = [.published, .running]

    func proposeCut(
        _ body: ClassCutBody, of id: ID<SchoolClass>, within scope: Scope, version: Int32?, by actor: ProgramLife.Actor,
        in querying: any Querying
    ) async throws -> ClassCutAnswer {
        let found = try await hold(id, in: Self.states, within: scope, version: version, querying: querying)
        if let minimum = found.minimum, body.capacity < minimum {
            throw SchoolProblem.invalid([
                Violation(
                    "school.minimum_above_capacity", pointer: "/capacity", zh: "开班人数多于名额",
                    en: "It takes more to start than there are seats")
            ])
        }
        try await enrolments.holdCourse(of: id, in: querying)
        let losers = try await cuts.losers(body.capacity, of: id, in: querying)
        let cut = try await cuts.propose(body, by: actor.subject, of: id, in: querying)
        let after = try await told(
            "cut_proposed", id, details: ["from": "\(found.capacity)", "to": "\(body.capacity)", "losers": "\(losers.count)"],
            SchoolReasonBody(reason: body.reason, reasonEn: nil), by: actor, in: querying)
        return ClassCutAnswer(after, cut, losers)
    }

    /// - Throws: `school.no_cut`.
    func cut(of id: ID<SchoolClass>, within scope: Scope, in querying: any Querying) async throws -> ClassCutAnswer {
        var filter = ClassListStore.Filter()
        filter.scope = scope
        guard let found = try await list.find(id, filter, in: querying) else { throw Problem(SchoolProblem.classUnknown) }
        guard let cut = try await cuts.cut(of: id, in: querying) else { throw Problem(SchoolProblem.noCut) }
        return ClassCutAnswer(found, cut, try await cuts.losers(cut.capacity, of: id, in: querying))
    }

    /// - Parameter cut: the proposal that was looked at.
    /// - Throws: `school.no_cut`, `school.own_cut`, `school.cut_changed`.
    func confirmCut(
        _ cut: Int64, of id: ID<SchoolClass>, within scope: Scope, by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> ClassAnswer {
        let before = try await hold(id, in: Self.states, within: scope, querying: querying)
        guard let proposed = try await cuts.cut(of: id, in: querying) else { throw Problem(SchoolProblem.noCut) }
        guard proposed.proposedBy != actor.subject else { throw Problem(SchoolProblem.ownCut) }
        guard try await cuts.take(cut, of: id, in: querying) else { throw Problem(SchoolProblem.cutChanged) }
        let lost = try await cuts.carryOut(proposed, of: id, by: actor.subject, in: querying)
        return try await told(
            "seats_cut", id,
            details: [
                "from": "\(before.capacity)", "to": "\(proposed.capacity)", "losers": "\(lost.count)", "proposedBy": proposed.proposedBy,
            ], SchoolReasonBody(reason: proposed.reason, reasonEn: nil), by: actor, in: querying)
    }
}
