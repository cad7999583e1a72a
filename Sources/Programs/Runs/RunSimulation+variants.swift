import Allocation
import AllocationFiles
import HTTP
import Runtime

extension RunSimulation {
    /// One column of a simulation: the rules and seats that are tried, and how they differ.
    struct Variant: Sendable {
        var program: Program
        var sessions: [Session]
        /// What was asked for of it; nil: as the program has it.
        var quota: Int?
        var floors: [SimulationAnswer.TriedFloor] = []
        var capacities: [SimulationAnswer.TriedSession] = []
    }

    /// Each combination of the floors, quotas and capacities that are to be tried: floors change slowest, capacities fastest. A pool, the
    /// one session of a program, grows with the quota.
    /// - Throws: `program.group_unknown`, `program.session_unknown` or `program.simulation_too_wide`.
    static func variants(of trial: Trial, _ body: SimulationBody) throws -> [Variant] {
        var variants = [Variant(program: trial.frozen.program, sessions: trial.frozen.sessions)]
        func combine(_ sizes: [Int], _ change: (inout Variant, Int) throws -> Void) throws {
            variants = try variants.flatMap { variant in
                try sizes.map { size in
                    var changed = variant
                    try change(&changed, size)
                    return changed
                }
            }
            guard variants.count <= columnCountMax else { throw Problem(RunProblem.simulationTooWide) }
        }
        for floor in body.floors ?? [] {
            try combine(floor.sizes) { variant, size in
                variant.program = try Self.variants(of: variant.program, [(floor.group, [size])])[0]
                variant.floors.append(SimulationAnswer.TriedFloor(group: floor.group, size: size))
            }
        }
        if let quotas = body.quotas {
            let isPool = trial.kept.seats.count <= 1 && trial.frozen.sessions.count == 1
            try combine(quotas) { variant, quota in
                variant.program.quota = quota - trial.kept.places
                if isPool { variant.sessions[0].capacity = quota - (trial.kept.seats.values.first ?? trial.kept.places) }
                variant.quota = quota
            }
        }
        for session in body.capacities ?? [] {
            guard let index = trial.input.numbers.firstIndex(of: UInt16(clamping: session.number)) else {
                throw Problem(RunProblem.sessionUnknown)
            }
            try combine(session.sizes) { variant, size in
                variant.sessions[index].capacity = size - (trial.kept.seats[session.number] ?? 0)
                variant.capacities.append(SimulationAnswer.TriedSession(number: session.number, capacity: size))
            }
        }
        return variants
    }
}
