package import Postgres
package import Runtime

extension OrganizationProfileStore {
    /// How many members an organization has who have not left.
    package struct Count: Hashable, Sendable {
        /// Its own.
        package let own: Int64
        /// With those of all organizations below it.
        package let within: Int64
    }

    /// Each organization below these is counted once, in the index alone, whatever stands above it.
    package func counts(of ids: [ID<Organization>]) async throws(PostgresError) -> [ID<Organization>: Count] {
        var counts: [ID<Organization>: Count] = [:]
        for row in try await database.query(
            """
            with below as materialized (
                select ancestor.ancestor_id, ancestor.organization_id
                from organization_ancestor ancestor
                where ancestor.ancestor_id = any (\(ids))
            ),
            counted as materialized (
                select place.organization_id, own.members
                from (select distinct organization_id from below) place
                cross join lateral (
                    select count(*) as members
                    from member
                    where member.organization_id = place.organization_id and member.status <> 'left'
                    offset 0
                ) own
            )
            select
                below.ancestor_id, sum(counted.members) filter (where below.organization_id = below.ancestor_id)::bigint,
                sum(counted.members)::bigint
            from below
            join counted on counted.organization_id = below.organization_id
            group by below.ancestor_id
            """)
        {
            counts[try row.decode(0)] = Count(own: try row.decode(1), within: try row.decode(2))
        }
        return counts
    }
}
