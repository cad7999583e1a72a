import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Programs

/// Seats that a session keeps for who comes without a place.
@Suite struct WalkInShareTests {
    @Test(arguments: 0...4)
    func `walk-ins sit on the seats kept for them first: the others are given to the last one, and none twice`(walkIns: Int) async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 12, capacities: [4], walkIn: 2)
            for member in 0..<walkIns { #expect(try await scene.hold(scene.place(member, .walkIn, state: .confirmed)) == [.held]) }
            let regular = min(2, 4 - walkIns)
            let seats = try await TickStore(database: database, clockOffsetMicroseconds: 0).seats(of: scene.program, in: database)
            #expect(seats.map(\.free) == [regular])
            let verdicts = try await scene.hold((4..<8).map { scene.place($0, .tick) })
            #expect(verdicts.count { $0 == .held } == regular && verdicts.count { $0 == .sessionFull } == 4 - regular)
            let late = try await scene.hold((8..<12).map { scene.place($0, .walkIn, state: .confirmed) })
            #expect(late.count { $0 == .held } == 4 - regular - walkIns, "what was kept for them they have")
            #expect(try await scene.taken() == [4, 4])
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `whoever changes the session finds the seats that walk-ins leave, and those that a walk-in gave back are kept again`()
        async throws
    {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 6, capacities: [4, 4], walkIn: 2)
            try await scene.hold((0..<2).map { scene.place($0, .tick) })
            try await scene.hold([scene.place(2, in: 2, .tick), scene.place(3, in: 2, .walkIn, state: .confirmed)])
            #expect(
                try await scene.move(scene.change(0, to: nil, number: 2), scene.change(1, to: nil, number: 2)) == [.moved, .sessionFull])
            #expect(try await scene.move(scene.change(0, to: nil, number: 1), scene.change(3, to: .withdrawn)) == [.moved, .moved])
            #expect(try await scene.move(scene.change(0, to: nil, number: 2)) == [.moved])
            #expect(try await scene.move(scene.change(1, to: nil, number: 2)) == [.sessionFull])
            #expect(try await scene.imbalances() == 0)
        }
    }
}

extension AwardScene {
    @discardableResult
    fileprivate func hold(_ places: [AwardPlace]) async throws -> [AwardOutcome.Verdict] { try await awards.hold(places).map(\.verdict) }

    fileprivate func place(_ member: Int, _ source: AwardSource, state: AwardState = .offered) -> AwardPlace {
        place(member, in: 1, source, state: state)
    }
}
