import Allocation
import Runtime
import TestSupport
import Testing

@Suite struct MaxFlowTests {
    private static let seeds = SeededGenerator.seeds(6)

    @Test(arguments: seeds) func `the largest flow is the one found step by step`(_ seed: UInt64) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let nodeCount = Int.random(in: 2...7, using: &numbers)
            let arcs = (0..<Int.random(in: 0...16, using: &numbers)).compactMap { _ -> (from: Int, to: Int, capacity: Int)? in
                let from = Int.random(in: 0..<nodeCount, using: &numbers)
                let to = Int.random(in: 0..<nodeCount, using: &numbers)
                return from == to ? nil : (from, to, Int.random(in: 0...5, using: &numbers))
            }
            var network = MaxFlow(nodeCount: nodeCount, arcCount: arcs.count)
            for arc in arcs { network.connect(arc.from, arc.to, capacity: arc.capacity) }
            #expect(network.run(from: 0, to: nodeCount - 1) == BruteForce.flow(arcs, nodeCount: nodeCount), "\(arcs)")
            #expect(network.run(from: 0, to: nodeCount - 1) == 0, "a second run finds nothing more")
        }
    }

    @Test func `a path may be long, and a capacity larger than can be`() {
        let count = 20_000
        var network = MaxFlow(nodeCount: count)
        for node in 0..<count - 1 { network.connect(node, node + 1, capacity: node == 7 ? 3 : Int.max) }
        #expect(network.run(from: 0, to: count - 1) == 3)
    }

    // MARK: The certificate of a shortfall

    /// The most reserved places that any sharing out of these sessions could fill, by looking at every one.
    private func most(_ instance: Instance, floor: Int? = nil) -> Int {
        let sizes = floor.map { [instance.floorSizes[$0]] } ?? instance.floorSizes
        return BruteForce.assignments(instance.people.map(\.wishes), instance.sessions.map(\.capacity)).reduce(0) { best, result in
            let placed = result.indices.filter { result[$0] != nil }
            if placed.count > instance.places { return best }
            let masks = placed.map { place in floor.map { instance.floorMask(place) >> UInt8($0) & 1 } ?? instance.floorMask(place) }
            return max(best, BruteForce.rank(masks, sizes))
        }
    }

    @Test(arguments: Column.allCases, seeds) func `the certificate's most is that of the brute force, for all floors and for each`(
        _ column: Column, _ seed: UInt64
    ) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<4 {
            let instance = Instance.random(column, caps: true, people: 5, &numbers)
            let allocation = instance.allocation()
            let certificate = ShortfallCertificate(allocation)
            let shares = Shares(allocation.outcome)
            let placed = shares.placed.map { instance.floorMask($0) }
            #expect(certificate.possible == most(instance), "\(instance)")
            #expect(certificate.achieved == BruteForce.rank(placed, instance.floorSizes), "\(instance)")
            #expect(certificate.achieved <= certificate.possible, "\(instance)")
            #expect(certificate.floors.reduce(0) { $0 + $1.filled } == certificate.achieved, "\(instance)")
            for figures in certificate.floors {
                let bit = UInt8(1) << UInt8(figures.listed)
                let members = instance.people.indices.filter { instance.floorMask($0) & bit != 0 }
                #expect(figures.size == instance.floorSizes[figures.listed], "\(instance)")
                #expect(figures.possible == most(instance, floor: figures.listed), "\(instance)")
                #expect(figures.members == members.count, "\(instance)")
                #expect(figures.placedMembers == members.count { shares.sessions[$0] != nil }, "\(instance)")
                #expect(figures.filled <= min(figures.size, figures.placedMembers), "\(instance)")
                let unplaced = members.filter { shares.sessions[$0] == nil }
                let wishes = instance.sessions.indices.map { session in unplaced.count { instance.people[$0].wishes.contains(session) } }
                #expect(figures.unplacedWishes == wishes, "\(instance)")
            }
        }
    }

    /// A figure to know, not a promise: strict floors over many sessions are mostly as full as anybody could fill them (see E14).
    @Test func `A8: how full strict floors over many sessions are, told as a figure`() {
        var numbers = SeededGenerator(seed: SeededGenerator.seeds(1)[0])
        var (short, worst, count) = (0, 1.0, 0)
        while count < 400 {
            let instance = Instance.random(.strict, &numbers)
            if instance.sessions.count < 2 || instance.floors.allSatisfy({ $0.size == 0 }) { continue }
            let certificate = ShortfallCertificate(instance.allocation())
            count += 1
            #expect(certificate.achieved <= certificate.possible, "\(instance)")
            guard certificate.achieved < certificate.possible else { continue }
            short += 1
            worst = min(worst, Double(certificate.achieved) / Double(certificate.possible))
        }
        print("A8: strict floors below the most possible in \(short) of \(count) small instances, at worst \(worst) of it")
    }
}
