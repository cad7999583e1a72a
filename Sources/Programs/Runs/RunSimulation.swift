package import Allocation
package import AllocationFiles
import Crypto
import HTTP
import Postgres
import Registry
import Runtime

/// What would come out of a program, as often as wished and before anything is announced: nothing is written.
package struct RunSimulation: Sendable {
    let maker: RunMaker
    private var programs: ProgramStore { maker.life.programs }

    package init(_ maker: RunMaker) { self.maker = maker }

    /// What a simulation is made of.
    package struct Trial: Sendable {
        package let program: UnionProgram
        let input: RunInput
        package let order: CommonOrder
        /// Whether the draw is the program's own: never before it has closed, for who knew the result could still change what it follows
        /// from.
        package let isOwnDraw: Bool
        /// Places of the program, and seats of sessions by their numbers, that are not shared out: held, or kept for walk-ins.
        let kept: (places: Int, seats: [Int32: Int])

        package var frozen: FrozenInput { input.input }
        package var applicants: Int { input.input.applicants.count + input.leftOut.count }

        /// What came out, in figures.
        package func figures(_ allocation: Allocation) -> RunFigures { RunFigures(allocation, input) }
    }

    /// - Parameter other: whose applicants are taken; nil: the program's own.
    package func trial(_ program: UnionProgram, applicantsOf other: UnionProgram? = nil) async throws -> Trial {
        let own = try await maker.read(program)
        var table: (UnionProgram, RunMaker.Read)?
        if let other { table = (other, try await maker.read(other)) }
        let foreign = table
        let hasClosed = [.closed, .run, .reviewed, .published, .ended].contains(program.state)
        let draw = hasClosed && other == nil ? try await maker.draw(of: program) : nil
        return try await onThread(name: "programs.simulate") { () -> Result<Trial, any Error> in
            Result {
                var applications = own.table
                if let (other, read) = foreign { applications = read.table.translated(from: other, read.seats, to: program, own.seats) }
                // A draft may have no session yet: then it is one pool.
                let pool = ProgramSession(number: 1, title: "pool", capacity: program.quota)
                let input = RunInput(
                    applications, applications.byTicket(), name: RunInput.name(program.id.rawValue), rules: program.facts.rules,
                    quota: Int(program.quota - program.taken),
                    seats: own.seats.isEmpty ? [(pool, Int(program.quota))] : own.seats,
                    draw: draw ?? Draw(secret: SecureRandom.bytes(Lottery.secretByteCount), origin: .drawn))
                try input.check()
                let order = CommonOrder(input.input.applicants, lottery: input.input.draw.lottery, program: input.input.program.name)
                let kept = own.seats.map { ($0.session.number, Int($0.session.capacity) - $0.count) }
                return Trial(
                    program: program, input: input, order: order, isOwnDraw: draw != nil,
                    kept: (Int(program.taken), Dictionary(kept) { first, _ in first }))
            }
        }.get().get()
    }

    /// Columns that fit side by side.
    package static let columnCountMax = 8

    /// The trial's rules with each combination of the sizes given.
    package static func variants(of program: Program, _ floors: [(group: String, sizes: [Int])]) throws -> [Program] {
        var programs = [program]
        for (name, sizes) in floors {
            guard let group = program.groups.firstIndex(of: name) else {
                throw Problem(
                    RunProblem.groupUnknown,
                    detail: Localized(
                        zh: "有：\(program.groups.joined(separator: "、"))", en: "There are: \(program.groups.joined(separator: ", "))"))
            }
            programs = programs.flatMap { program in
                sizes.map { size in
                    var changed = program
                    if let index = changed.floors.firstIndex(where: { $0.group == group }) {
                        changed.floors[index].size = size
                    } else {
                        changed.floors.append(Floor(group: group, size: size))
                    }
                    return changed
                }
            }
            guard programs.count <= columnCountMax else { throw Problem(RunProblem.simulationTooWide) }
        }
        return programs
    }

    /// What would come out with every floor of a kind.
    /// - Parameter sessions: nil: the trial's own.
    package static func allocation(
        _ trial: Trial, _ program: Program, _ kind: Floor.Kind?, sessions: [Session]? = nil
    ) throws -> Allocation {
        var changed = program
        let sessions = sessions ?? trial.frozen.sessions
        if let kind { for index in changed.floors.indices { changed.floors[index].kind = kind } }
        let faults = AllocationFault.all(changed, sessions, trial.frozen.applicants, limit: 20)
        guard faults.isEmpty else { throw RunProblem.of(faults) }
        return Allocation(changed, sessions, trial.frozen.applicants, order: trial.order)
    }
}

extension ApplicationTable {
    /// The applications of another program as if they had been made in this one: groups and classes by their names, sessions by their
    /// titles, else by their numbers; of a pool all wishes are for the pool.
    func translated(
        from other: UnionProgram, _ otherSeats: [(session: ProgramSession, count: Int)], to program: UnionProgram,
        _ seats: [(session: ProgramSession, count: Int)]
    ) -> ApplicationTable {
        let (old, new) = (other.facts.rules, program.facts.rules)
        let bits = old.groups.map { group in new.groups.firstIndex { $0.name == group.name } }
        let masks = (0..<256).map { mask in
            bits.enumerated().reduce(UInt8(0)) { found, bit in
                mask >> bit.offset & 1 == 0 ? found : found | (bit.element.map { 1 << UInt8($0) } ?? 0)
            }
        }
        let last = UInt16(truncatingIfNeeded: new.classes.count + 1)
        let classes = (0...old.classes.count).map { index in
            index < old.classes.count
                ? new.classes.firstIndex { $0.name == old.classes[index].name }.map { UInt16($0 + 1) } ?? last : last
        }
        var numbers = [UInt16](repeating: 0, count: 65_536)
        for (session, _) in otherSeats {
            let same = seats.first { $0.session.title == session.title } ?? seats.first { $0.session.number == session.number }
            let found = seats.count <= 1 ? seats.first?.session.number ?? 1 : same?.session.number ?? 0
            numbers[Int(session.number)] = UInt16(truncatingIfNeeded: found)
        }
        return mapped(masks: masks, classes: classes, numbers: numbers)
    }
}
