import Postgres
import Programs
import Registry
import Runtime

extension VisitStore {
    /// Who asks, and so which visits there are.
    enum Reach: Sendable {
        case device(ID<Device>)
        case scope(Scope)
    }

    /// A city's vans stand at some dozens of places in two weeks.
    static let comingMax = 200

    /// Visits of programs that are given out, with sessions on the day it is there or on one of the fourteen after it; the next one first.
    func coming(_ reach: Reach) async throws(PostgresError) -> [ComingVisit] {
        let reached: SQL =
            switch reach {
            case .device(let id):
                """
                exists (
                    select from device
                    where device.device_id = \(id)
                        and (device.organization_id is null
                            or exists (
                                select from organization_ancestor
                                where organization_ancestor.organization_id
                                        in (program.organization_id, checkup_visit.host_organization_id)
                                    and organization_ancestor.ancestor_id = device.organization_id)))
                """
            case .scope(let scope): Self.condition(scope)
            }
        let rows = try await database.query(
            """
            select visit_id, checkup_visit.program_id, program.title, site, address, first_on, last_on, planned.days,
                planned.days[1] = today.on_day
            from checkup_visit
            join program using (program_id)
            cross join lateral (
                select ((clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond') at time zone program.time_zone)::date
                    as on_day
            ) today
            cross join lateral (
                select array_agg(distinct held.on_day order by held.on_day) as days
                from checkup_session
                join program_session using (program_id, number)
                cross join lateral (select (program_session.starts_at at time zone program.time_zone)::date as on_day) held
                where checkup_session.visit_id = checkup_visit.visit_id and held.on_day between today.on_day and today.on_day + 14
            ) planned
            where last_on >= (clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')::date - 1
                and last_on >= today.on_day
                and first_on <= today.on_day + 14
                and program.state in ('published', 'ended')
                and planned.days is not null
                and \(fragment: reached)
            order by planned.days[1], visit_id
            limit \(Self.comingMax)
            """)
        var found: [ComingVisit] = []
        for row in rows {
            found.append(
                ComingVisit(
                    id: try row.decode(0), campaignId: try row.decode(1), campaignTitle: try row.decode(2), site: try row.decode(3),
                    address: try row.decode(4), firstOn: try row.decode(5, as: CalendarDate.self).description,
                    lastOn: try row.decode(6, as: CalendarDate.self).description,
                    days: try row.decode(7, as: [CalendarDate].self).map(\.description), isToday: try row.decode(8)))
        }
        return found
    }
}
