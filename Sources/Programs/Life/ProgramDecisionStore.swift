import HTTP
import Postgres
import Registry

/// What waits in programs: every statement about it. What somebody made or proposed waits for another.
enum ProgramDecisionStore {
    static let all: [OpenDecision] = [
        OpenDecision("program_runs", RegistryPermission.programsReview, path: "/v1/programs?state=run") { caller in
            """
            select program_run.made_at, 1::bigint
            from program
            join program_run on program_run.program_id = program.program_id and program_run.state = 'made'
            where program.state = 'run'
                and program_run.made_by <> \(caller.subject)
                and \(fragment: caller.scope.condition("program.organization_id"))
            order by program.program_id
            """
        },
        OpenDecision("programs_to_run", RegistryPermission.programsWrite, path: "/v1/programs?state=closed") { caller in
            """
            select program.closed_at, 1::bigint
            from program
            where program.state = 'closed' and \(fragment: caller.scope.condition("program.organization_id"))
            order by program.program_id
            """
        },
        OpenDecision("program_cuts", RegistryPermission.programsReview) { caller in
            """
            select program_session_cut.proposed_at, 1::bigint
            from program_session_cut
            join program on program.program_id = program_session_cut.program_id
            where program_session_cut.proposed_by <> \(caller.subject)
                and \(fragment: caller.scope.condition("program.organization_id"))
            order by program_session_cut.cut_id
            """
        },
    ]
}
