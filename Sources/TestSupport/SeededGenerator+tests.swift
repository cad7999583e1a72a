import FoundationEssentials
package import Runtime

extension SeededGenerator {
    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// True in so many of a hundred cases.
    package mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &self) < percent
    }

    /// Seeds for a property's arguments, which a failure prints: the same in every run, so that what passed once says something about
    /// what changed since; fresh ones, and so many times as many, with `WAYSTATION_FRESH_SEEDS=20` in the environment.
    package static func seeds(_ count: Int) -> [UInt64] {
        if let times = ProcessInfo.processInfo.environment["WAYSTATION_FRESH_SEEDS"].flatMap({ Int($0) }), times > 0 {
            return (0..<count * times).map { _ in .random(in: 0...UInt64.max) }
        }
        var numbers = SeededGenerator(seed: 20_260_101)
        return (0..<count).map { _ in numbers.next() }
    }
}
