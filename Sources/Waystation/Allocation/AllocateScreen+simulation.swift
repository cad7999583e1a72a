import Allocation
import AllocationFiles

/// One column of a simulation: the program with these floors, every floor strict, and every floor fair.
struct Simulation {
    let program: Program
    let strict: Summary
    /// Nil in mode `local`, where kinds mean nothing.
    let fair: Summary?

    init(_ program: Program, _ input: FrozenInput, _ order: CommonOrder) {
        self.program = program
        func summary(_ kind: Floor.Kind) -> Summary {
            var changed = program
            for index in changed.floors.indices { changed.floors[index].kind = kind }
            return Summary(Allocation(changed, input.sessions, input.applicants, order: order), classes: input.classes)
        }
        strict = summary(.strict)
        fair = program.mode == .local ? nil : summary(.fair)
    }
}

extension AllocateScreen {
    /// The columns side by side; under each other where the terminal is too narrow for all.
    func simulations(_ columns: [Simulation]) -> String {
        var count = columns.count
        while count > 1, lines(Array(columns.prefix(count))).contains(where: { displayWidth($0) > width }) { count -= 1 }
        var lines: [String] = []
        for start in stride(from: 0, to: columns.count, by: max(count, 1)) {
            lines += (start > 0 ? [""] : []) + self.lines(Array(columns[start..<min(start + count, columns.count)]))
        }
        lines.append("")
        if columns.contains(where: { $0.fair != nil }) {
            lines += [
                language("  硬保底：成员先叫，直到保底满额，之后才轮到别人", "  strict: members are called first until the floor is filled, others only then"),
                language("  软保底：所有人按一个次序叫，成员只在尚有座位处补足", "  fair:   everybody is called in one order; members fill what seats are left"),
            ]
        }
        lines.append(language("  !       没有兑现", "  !       the floor stays short"))
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(_ columns: [Simulation]) -> [String] {
        guard let first = columns.first else { return [] }
        var grid = Grid([.left] + columns.map { _ in .right })
        grid.add([language("承诺", "Promised")])
        for (index, floor) in first.strict.floors.enumerated() {
            grid.add(["  " + floor.group] + columns.map { grouped($0.program.floors[index].size) })
        }
        if first.fair == nil {
            grid.add([])
            add(to: &grid, columns.map(\.strict))
        } else {
            grid.add([])
            grid.add([language("都是硬保底", "All strict")])
            add(to: &grid, columns.map(\.strict))
            grid.add([])
            grid.add([language("都是软保底", "All fair")])
            add(to: &grid, columns.compactMap(\.fair))
        }
        return grid.lines()
    }

    /// The figures of one kind of floor.
    private func add(to grid: inout Grid, _ summaries: [Summary]) {
        guard let first = summaries.first else { return }
        func add(_ title: String, _ cell: (Summary) -> String) { grid.add(["  " + title] + summaries.map(cell)) }
        for (index, floor) in first.floors.enumerated() {
            add(language("\(floor.group) 兑现", "\(floor.group) filled")) {
                ($0.floors[index].isShort ? "! " : "") + grouped($0.floors[index].filled)
            }
            add(language("\(floor.group) 成员分到", "\(floor.group) members placed")) { grouped($0.floors[index].placedMembers) }
        }
        for (index, figures) in first.classes.enumerated() { add(title(figures)) { grouped($0.classes[index].placed) } }
        add(language("第一志愿", "first wish")) { percent($0.wishes[0], of: $0.placed) }
        add(language("分到", "placed")) { grouped($0.placed) }
        add(language("满员场次", "sessions full")) { grouped($0.filledSessions) }
    }
}
