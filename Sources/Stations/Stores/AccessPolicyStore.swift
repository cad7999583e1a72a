import FoundationEssentials
package import Postgres
import Registry
package import Runtime

/// What a policy would do: tried on the scans there were, and on the members there are.
package struct AccessPolicyStore: Sendable {
    private let database: Database
    private let clockOffsetMicroseconds: Int64

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// Judges the entries of the last days again; without warnings.
    package func trial(
        _ draft: AccessPolicyTrialDraft, at id: ID<AccessPoint>, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> AccessPolicyTrial {
        let days = draft.days ?? 7
        let rows = try await (querying ?? database).query(
            Self.statement(draft.policy, at: id, days: days, capacity: draft.capacity, offset: clockOffsetMicroseconds))
        var trial = AccessPolicyTrial(days: days)
        for row in rows {
            let scans = try row.decode(3, as: Int64.self)
            let members = try row.decode(4, as: Int64.self)
            switch try row.decode(0, as: String.self) {
            case "scanned": (trial.scans, trial.members) = (scans, members)
            case "admitted": (trial.admittedScans, trial.admittedMembers) = (scans, members)
            case "newly_refused": try Self.read(row, scans, members, into: &trial.newlyRefused)
            default: try Self.read(row, scans, members, into: &trial.newlyAdmitted)
            }
        }
        return trial
    }

    private static func read(
        _ row: Row, _ scans: Int64, _ members: Int64, into change: inout AccessPolicyTrial.Change
    ) throws(PostgresError) {
        if let reason = try row.decode(1, as: String?.self) {
            change.byReason.append(.init(reason: reason, scans: scans, members: members))
        } else if let kind = try row.decode(2, as: String?.self) {
            change.byWorkerKind.append(.init(workerKind: kind, scans: scans, members: members))
        } else {
            (change.scans, change.members) = (scans, members)
            change.requestIds = try row.decode(5, as: [UUID].self).map(\.lowercased)
        }
    }

    static func statement(_ policy: AccessPolicy, at id: ID<AccessPoint>, days: Int32, capacity: Int32?, offset: Int64) -> SQL {
        """
        select trial.*
        from (
            select jsonb_populate_record(access_point, to_jsonb(tried)) as door
            from access_point
            cross join (select \(fragment: AccessPointStore.values(policy))) tried (\(raw: AccessPointStore.policyColumns))
            where access_point.access_point_id = \(id)
        ) new
        cross join lateral stations_policy_trial(new.door, \(days), \(capacity), \(offset)) trial
        """
    }

    /// What should be known of a policy, the gravest first.
    /// - Parameter trial: of the same policy.
    func findings(
        _ policy: AccessPolicy, _ trial: AccessPolicyTrial, station: Station, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [PolicyFinding] {
        let visitors = trial.admittedMembers
        if !policy.isOpen || policy.directions == .outward { return [.noEntries(visitors: visitors)] }
        var findings: [PolicyFinding] = []
        if !OpeningHours.everOpen(policy.opening, and: station.facts.opening), !policy.opening.hasOpenException {
            findings.append(.noHourOpen(visitors: visitors))
        }
        var anybody = policy
        anybody.attributes = []
        var anywhere = policy
        anywhere.organizationIds = []
        let database = querying ?? database
        if !policy.organizationIds.isEmpty, try await database.query(Self.someoneStatement(anybody)).isEmpty {
            findings.append(.organizationsEmpty(visitors: visitors))
        }
        if !policy.attributes.isEmpty, try await database.query(Self.someoneStatement(anywhere)).isEmpty {
            findings.append(.attributesOfNobody(visitors: visitors))
        }
        if findings.isEmpty, !policy.organizationIds.isEmpty, !policy.attributes.isEmpty,
            try await database.query(Self.someoneStatement(policy)).isEmpty
        {
            findings.append(.qualifiesNobody(visitors: visitors))
        }
        if findings.isEmpty, trial.newlyRefused.members > 0 { findings.append(.refusesVisitors(trial.newlyRefused.members, of: visitors)) }
        return findings
    }

    /// One member whom the policy's organizations and attributes let in, if there is any.
    static func someoneStatement(_ policy: AccessPolicy) -> SQL {
        let organizations = policy.organizationIds.isEmpty ? nil : policy.organizationIds
        let isOfOrganizations: SQL =
            organizations == nil
            ? "true"
            : """
            member.organization_id in (select organization_id from organization_ancestor where ancestor_id = any(\(organizations)))
            """
        return """
            select from member
            where status = any(\(policy.admitsProvisional ? ["active", "provisional"] : ["active"]))
                and \(fragment: isOfOrganizations)
                and (\(policy.admitted(.sex))::text[] is null or sex = any(\(policy.admitted(.sex))))
                and (\(policy.admitted(.workerKind))::text[] is null or worker_kind = any(\(policy.admitted(.workerKind))))
                and (\(policy.admitted(.employmentForm))::text[] is null or employment_form = any(\(policy.admitted(.employmentForm))))
                and (\(policy.admittedHardship)::boolean is null or hardship_post = \(policy.admittedHardship))
            limit 1
            """
    }

    /// The members who came in during the last seven days, and those of them who came when `facts`' hours are closed.
    func visitors(
        of id: ID<Station>, hours facts: StationFacts, in querying: (any Querying)? = nil
    ) async throws(StationError) -> (all: Int64, refused: Int64) {
        do throws(PostgresError) {
            let row = try await (querying ?? database).query(
                """
                select
                    count(distinct member_id),
                    count(distinct member_id) filter (
                        where not stations_is_within_hours(
                            \(facts.opening.weekColumn)::int4multirange[], \(facts.opening.exceptionDaysColumn)::date[],
                            \(facts.opening.exceptionHoursColumn)::int4multirange[], recorded_at at time zone \(facts.timeZone)))
                from access_event
                cross join (
                    select clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond' - interval '7 days' as begins_at
                ) time
                where station_id = \(id)
                    and request_id >= stations_request_id_at(begins_at)
                    and recorded_at >= begins_at
                    and open
                    and direction = 'in'
                    and decided_by <> 'nightly'
                """
            ).single
            return (try row.decode(0), try row.decode(1))
        } catch {
            throw StationError(error)
        }
    }

    /// The positions of those that do not exist.
    func unknownOrganizations(_ ids: [ID<Organization>]) async throws(PostgresError) -> [Int] {
        if ids.isEmpty { return [] }
        var positions: [Int] = []
        for row in try await database.query(
            """
            select ordinality::integer - 1
            from unnest(\(ids)) with ordinality as asked (organization_id, ordinality)
            where not exists (select from organization where organization.organization_id = asked.organization_id)
            order by ordinality
            """)
        {
            positions.append(try row.decode(0))
        }
        return positions
    }
}
