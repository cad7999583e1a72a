import Crypto
import HTTP
import Postgres
import Programs
import Registry
import Runtime
import Scheduler

/// The members' side of insurance: own policies, claims, mutual aid, and why a batch went as it did.
struct MemberInsurance: Sendable {
    let routes: [Route]
    let jobs: [Job]

    init(database: Database, registry: Registry, life: InsuranceBatchLife, keys: Keys, clock: Clock) {
        let offset = clock.offsetMicroseconds
        let (members, idempotency) = (registry.members, registry.idempotency)
        let own = OwnPolicyStore(database: database, clockOffsetMicroseconds: offset)
        let claims = PolicyClaimStore(database: database, clockOffsetMicroseconds: offset)
        let beneficiaries = Beneficiaries(own: own, members: members)
        routes =
            OwnPolicyRoutes(
                own: own, decision: PolicyDecision(own: own, policies: life.policies, members: members, beneficiaries: beneficiaries),
                members: members, idempotency: idempotency, codes: PolicyCode(keys), limiter: SubmissionLimiter(clock: clock)
            ).all
            + PolicyClaimRoutes(claims: claims, own: own, life: life, members: members, idempotency: idempotency).all
            + MutualAidRoutes(
                standings: GiftStandingStore(database, life: life, clock: clock),
                aid: MutualAidStore(database: database, clockOffsetMicroseconds: offset), claims: claims, own: own,
                candidates: CandidateStore(database), life: life, members: members, idempotency: idempotency
            ).all
        jobs = [
            PolicyReminders(
                reminders: PolicyReminderStore(database: database, clockOffsetMicroseconds: offset), members: members,
                outbox: registry.outbox
            ).job
        ]
        let personal = PolicyPersonalData(
            own: own, beneficiaries: beneficiaries, claims: claims, people: PolicyPersonStore(database: database))
        registry.persons.sections.add(personal.section)
    }
}
