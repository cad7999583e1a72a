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

    @Test func `quotas and seats are tried side by side, alone and with floors, each column saying what it is of`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(10)
            let id = try await scene.closed(
                members, quota: 5, rules: ProgramScene.rules(floor: 1), groups: { $0 >= 6 ? ProgramScene.firstGroup : 0 })
            func simulate(_ body: String) async throws -> SimulationAnswer {
                let answer = await scene.afterwards.send(.post, "/v1/programs/\(id)/simulations", body)
                try #require(answer.status == 200, "\(answer.text)")
                return try answer.json(SimulationAnswer.self)
            }
            let quotas = try await simulate(#"{"quotas":[2,5,8]}"#).columns
            #expect(quotas.map(\.quota) == [2, 5, 8] && quotas.map(\.strict.placed) == [2, 5, 8], "a pool grows with it")
            let seats = try await simulate(#"{"capacities":[{"number":1,"sizes":[3,9]}]}"#).columns
            #expect(seats.map(\.strict.placed) == [3, 5], "the quota stays what it is")
            #expect(seats.map(\.capacities) == [3, 9].map { [SimulationAnswer.TriedSession(number: 1, capacity: $0)] })
            let both = try await simulate(
                #"{"floors":[{"group":"gig","sizes":[0,4]}],"quotas":[4,6],"capacities":[{"number":1,"sizes":[6]}]}"#
            ).columns
            #expect(both.map(\.quota) == [4, 6, 4, 6] && both.map(\.strict.placed) == [4, 6, 4, 6])
            #expect(both.map { $0.strict.figures.floors.first?.placedMembers } == [0, 0, 4, 4])
            let plain = try await simulate("{}").columns
            #expect(plain.map(\.quota) == [nil] && plain[0].floors.isEmpty && plain[0].strict.placed == 5)
            let path = "/v1/programs/\(id)/simulations"
            let unknown = await scene.afterwards.send(.post, path, #"{"capacities":[{"number":9,"sizes":[1]}]}"#)
            #expect(unknown.status == 422 && unknown.problemCode == "program.session_unknown")
            let wide = await scene.afterwards.send(.post, path, #"{"quotas":[1,2,3],"floors":[{"group":"gig","sizes":[0,1,2]}]}"#)
            #expect(wide.problemCode == "program.simulation_too_wide")
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
