/// A whole sharing out: rules, sessions, applicants and a draw in; who gets what, and why, out. The same in any order of the rows.
package struct Allocation: Sendable {
    package let program: Program
    package let sessions: [Session]
    package let applicants: Applicants
    package let floors: FloorTable
    package let order: CommonOrder
    package let lineup: Lineup
    package let outcome: Outcome

    /// - Precondition: `AllocationFault.all` finds nothing in the program, sessions and applicants.
    package init(_ program: Program, _ sessions: [Session], _ applicants: Applicants, lottery: Lottery) {
        self.init(program, sessions, applicants, order: CommonOrder(applicants, lottery: lottery, program: program.name))
    }

    /// With an order that is known already: another quota or floor over the same people.
    /// - Parameter outcome: what was found at another time; nil: the rule is run.
    package init(
        _ program: Program, _ sessions: [Session], _ applicants: Applicants, order: CommonOrder, outcome found: Outcome? = nil
    ) {
        let floors = FloorTable(program, applicants)
        let lineup = Lineup(applicants, order.rows, floors, program)
        self.program = program
        self.sessions = sessions
        self.applicants = applicants
        self.order = order
        self.floors = floors
        self.lineup = lineup
        outcome = found ?? Self.outcome(program, sessions, lineup, floors)
    }

    /// The rule alone.
    package static func outcome(_ program: Program, _ sessions: [Session], _ lineup: Lineup, _ floors: FloorTable) -> Outcome {
        switch program.mode {
        case .order: OrderRule.run(program, sessions, lineup, floors)
        case .local: LocalRule.run(program, sessions, lineup, floors)
        }
    }
}
