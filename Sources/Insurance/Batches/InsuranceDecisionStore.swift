import HTTP
import Postgres
import Registry

/// What waits in insurance: every statement about it.
enum InsuranceDecisionStore {
    static let all: [OpenDecision] = [
        OpenDecision("insurance_runs", RegistryPermission.insuranceReview, path: "/v1/insurance-batches") { caller in
            """
            select insurance_batch.run_at, 1::bigint
            from insurance_batch
            where insurance_batch.state = 'run'
                and insurance_batch.run_by <> \(caller.subject)
                and \(fragment: caller.scope.condition("insurance_batch.organization_id"))
            order by insurance_batch.batch_id
            """
        },
        // By the batches' own counts: a hundred thousand rejected ones are one row here.
        OpenDecision("policies_to_mend", RegistryPermission.insuranceFiles, path: "/v1/insurance-batches") { caller in
            """
            select coalesce(insurance_batch.run_at, insurance_batch.created_at), insurance_batch.rejected::bigint
            from insurance_batch
            where insurance_batch.rejected > 0 and \(fragment: caller.scope.condition("insurance_batch.organization_id"))
            order by insurance_batch.batch_id
            """
        },
    ]
}
