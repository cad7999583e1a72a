import Allocation
import HTTP
import Postgres
import Registry
import Runtime
import Scheduler
import Testing

@testable import Programs

extension ProgramScene {
    /// Four hours from now: what was announced with the scene's times has closed.
    var afterwards: Moment { at(hours: 4) }

    static let firstGroup: Int16 = 1

    /// Rules with one class and a group `gig`, of which a floor is promised.
    static func rules(floor: Int = 0, kind: Floor.Kind = .strict) -> ProgramRules {
        ProgramRules(
            groups: [ProgramRules.Part(name: "gig", conditions: [])],
            floors: floor > 0 ? [ProgramRules.Promise(group: "gig", size: floor, kind: kind)] : [])
    }

    /// A program that has closed, with these applicants. Who goes first is by points, so that no draw decides.
    func closed(
        _ members: [ID<Member>], quota: Int32, rules: ProgramRules = ProgramRules(), sessions: [ProgramSession] = [],
        family: String? = nil, offerHours: Int32? = 48, wishes: (Int) -> [Int32] = { _ in [1] }, groups: (Int) -> Int16 = { _ in 0 }
    ) async throws -> ID<UnionProgram> {
        let id = try await announced(quota: quota, rules: rules, sessions: sessions, family: family, offerHours: offerHours)
        for (index, member) in members.enumerated() {
            try await apply(member, to: id, wishes: wishes(index), points: Int64(members.count - index), groups: groups(index))
        }
        let answer = await afterwards.send(.post, "/v1/programs/\(id)/close")
        try #require(answer.status == 200, "\(answer.text)")
        return id
    }

    /// Makes the run that `ask` queued.
    func work(_ answer: TestResponse) async throws {
        try #require(answer.status == 202, "\(answer.text)")
        let job = try answer.json(RunRequestAnswer.self).id
        try await JobWorker(database, handlers: afterwards.programs.sharing.handlers, log: .silent).runOne(job)
    }

    @discardableResult
    func run(_ id: ID<UnionProgram>) async throws -> ProgramRun {
        try await work(await afterwards.send(.post, "/v1/programs/\(id)/runs"))
        return try #require(try await afterwards.programs.sharing.runs.run(of: id))
    }

    /// Run, reviewed by the second organizer and published.
    @discardableResult
    func published(_ id: ID<UnionProgram>) async throws -> ProgramRun {
        let run = try await run(id)
        let reviewed = await afterwards.send(
            .post, "/v1/programs/\(id)/runs/\(run.number)/review", #"{"decision":"accept"}"#, bearer: second)
        try #require(reviewed.status == 200, "\(reviewed.text)")
        let published = await afterwards.send(.post, "/v1/programs/\(id)/publish")
        try #require(published.status == 200, "\(published.text)")
        return try #require(try await afterwards.programs.sharing.runs.published(of: id))
    }

    /// Members who hold a place of the program, by their session.
    func held(_ id: ID<UnionProgram>) async throws -> [Int32: [ID<Member>]] {
        var held: [Int32: [ID<Member>]] = [:]
        for award in try await afterwards.programs.awards.list(of: id, AwardStore.Filter(), after: nil, limit: 1_000)
        where award.state.holdsPlace { held[award.number, default: []].append(award.memberID) }
        return held
    }

    func state(_ member: ID<Member>, in id: ID<UnionProgram>) async throws -> AwardState? {
        try await afterwards.programs.awards.award(of: member, in: id)?.state
    }
}
