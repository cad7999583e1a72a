/// One value for each event loop: what a request needs, it finds on the loop it runs on, without a lock and without a hop.
package struct PerLoop<Value: Sendable>: Sendable {
    private let loops: [EventLoop]

    /// The values, in the order of the loops.
    package let all: [Value]

    /// Makes one value for each of `loops`, of which there is at least one.
    package init(_ loops: [EventLoop], _ make: (EventLoop) -> Value) {
        precondition(!loops.isEmpty, "values per loop need a loop")
        self.loops = loops
        all = loops.map(make)
    }

    /// The value of the loop that the caller runs on; elsewhere (a job, a test) the first loop's.
    package var current: Value {
        // A handful of loops: comparing thread handles in turn is cheaper than any table, and than making the type of a zip of them.
        for index in loops.indices where loops[index].isCurrent { return all[index] }
        return all[0]
    }
}
