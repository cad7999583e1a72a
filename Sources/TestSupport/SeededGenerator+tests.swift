package import Runtime

extension SeededGenerator {
    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// True in so many of a hundred cases.
    package mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &self) < percent
    }

    /// Fresh seeds for a property's arguments, which a failure prints.
    package static func seeds(_ count: Int) -> [UInt64] {
        (0..<count).map { _ in .random(in: 0...UInt64.max) }
    }
}
