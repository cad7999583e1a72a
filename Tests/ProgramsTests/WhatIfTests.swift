import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Programs

@Suite struct WhatIfTests {
    @Test func `floors are tried side by side before anything is announced, on last year's applicants, and nothing is written`()
        async throws
    {
        try await withPrograms { scene in
            let members = try await scene.members(10)
            let last = try await scene.closed(
                members, quota: 5, rules: ProgramScene.rules(floor: 1), groups: { $0 >= 6 ? ProgramScene.firstGroup : 0 })
            let draft = try await scene.draft(quota: 5, rules: ProgramScene.rules(floor: 1))
            let alone = await scene.at(hours: 0).send(.post, "/v1/programs/\(draft)/simulations", "{}")
            #expect(alone.problemCode == "program.no_applicants")
            let answer = await scene.at(hours: 0).send(
                .post, "/v1/programs/\(draft)/simulations",
                #"{"floors":[{"group":"gig","sizes":[0,2,4]}],"applicantsOf":\#(last)}"#)
            #expect(answer.status == 200, "\(answer.text)")
            let simulation = try answer.json(SimulationAnswer.self)
            #expect(simulation.applicants == 10 && !simulation.isOwnDraw)
            #expect(simulation.columns.map { $0.strict.figures.floors.first?.placedMembers } == [0, 2, 4])
            #expect(simulation.columns.allSatisfy { $0.strict.placed == 5 && $0.fair?.placed == 5 })
            #expect(try await scene.value("select count(*) from program_run", as: Int.self) == 0)
            #expect(try await scene.value("select state from program where program_id = \(draft)", as: String.self) == "draft")
        }
    }

    @Test func `a simulation of a closed program is the run to come, before that it is drawn for itself`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(8)
            let id = try await scene.announced(quota: 3)
            for member in members { try await scene.apply(member, to: id) }
            let early = try await scene.at(hours: 2).send(.post, "/v1/programs/\(id)/simulations", "{}").json(SimulationAnswer.self)
            #expect(!early.isOwnDraw)
            _ = await scene.afterwards.send(.post, "/v1/programs/\(id)/close")
            let closed = try await scene.afterwards.send(.post, "/v1/programs/\(id)/simulations", "{}").json(SimulationAnswer.self)
            #expect(closed.isOwnDraw)
            let run = try await scene.run(id)
            #expect(run.figures == closed.columns.first?.strict.figures)
        }
    }

    @Test func `an unknown group and too many columns are refused`() async throws {
        try await withPrograms { scene in
            let id = try await scene.closed(
                try await scene.members(2), quota: 1, rules: ProgramScene.rules(floor: 1), groups: { _ in ProgramScene.firstGroup })
            let path = "/v1/programs/\(id)/simulations"
            let unknown = await scene.afterwards.send(.post, path, #"{"floors":[{"group":"night","sizes":[1]}]}"#)
            #expect(unknown.status == 422 && unknown.problemCode == "program.group_unknown")
            let above = await scene.afterwards.send(.post, path, #"{"floors":[{"group":"gig","sizes":[2]}]}"#)
            #expect(above.status == 422 && above.problemCode == "program.cannot_run")
        }
    }
}
