import HTTP
import Postgres
import Scheduler

/// What waits in the registry: every statement about it. Each goes by a partial index of what is open.
enum RegistryDecisionStore {
    static let all: [OpenDecision] = [
        OpenDecision("applications", RegistryPermission.applicationsDecide, path: "/v1/applications?state=pending") { caller in
            """
            select a.submitted_at, 1::bigint
            from member_application a
            where a.state = 'pending' and \(fragment: caller.scope.condition("a.organization_id"))
            order by a.application_id
            """
        },
        OpenDecision("transfers", RegistryPermission.applicationsDecide, path: "/v1/transfers?state=open") { caller in
            """
            select t.asked_at, 1::bigint
            from member_transfer t
            where t.state = 'open'
                and (t.releasing_by is null and \(fragment: caller.scope.condition("t.from_organization_id"))
                    or t.receiving_by is null and \(fragment: caller.scope.condition("t.to_organization_id")))
            order by t.deadline_at
            """
        },
        OpenDecision("duplicates", RegistryPermission.membersWrite, path: "/v1/duplicates") { caller in
            """
            select pair.found_at, 1::bigint
            from member_duplicate pair
            join member one on one.member_id = pair.member_id
            join member other on other.member_id = pair.other_member_id
            where pair.state = 'suspected'
                and \(fragment: caller.scope.condition("one.organization_id"))
                and \(fragment: caller.scope.condition("other.organization_id"))
            order by pair.duplicate_id
            """
        },
        // Who is there for the whole union sees all, everybody else what they asked for themselves, as in the list.
        OpenDecision("dead_jobs", RegistryPermission.jobsWrite, path: "/v1/jobs?state=dead") { caller in
            let own: SQL = caller.scope == .everything ? "true" : "requested_by = \(caller.subject)"
            return """
                select finished_at, 1::bigint from queued_job where state = 'dead' and \(fragment: own) order by slot, queued_job_id
                """
        },
        OpenDecision("imports_with_rejections", RegistryPermission.membersImport) { caller in
            """
            select started_at, 1::bigint
            from member_import
            where rows_refused > 0
                and not is_dry_run
                and started_at > clock_timestamp() - interval '7 days'
                and \(fragment: MemberImportStore.isWithin(caller.scope))
            order by started_at
            """
        },
    ]
}
