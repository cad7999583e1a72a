import Postgres
import Registry
import Runtime

@testable import Stations

/// What the model holds, written into the tables as others write it.
extension StationScene {
    func organization(below parent: ID<Organization>, name: String) async throws -> ID<Organization> {
        try await database.query(
            "select organization_id from registry_organization_create(\(parent), 'district', \(name))"
        ).single.decode(0)
    }

    func insert(_ card: AdmitModel.Card, digest: [UInt8]) async throws {
        _ = try await database.query(
            """
            insert into access_credential (
                credential_digest, kind, member_id, organization_id, pin_digest, valid_from, valid_until, created_by)
            values (\(digest), \(card.kind.rawValue), \(card.member), \(card.organization), \(card.pinDigest),
                clock_timestamp() - interval '1 day', \(card.validUntil.map(Timestamp.init(microseconds:))), 'test')
            """)
    }

    func set(_ card: AdmitModel.Card, digest: [UInt8]) async throws {
        _ = try await database.query(
            """
            update access_credential
            set revoked_at = case when \(card.isRevoked) then now() end, revoked_by = case when \(card.isRevoked) then 'test' end,
                revoked_reason = case when \(card.isRevoked) then 'lost' end, pin_failures = \(card.pinFailures),
                valid_until = \(card.validUntil.map(Timestamp.init(microseconds:)))
            where credential_digest = \(digest)
            """)
    }

    func set(_ person: AdmitModel.Person, of member: ID<Member>) async throws {
        _ = try await database.query(
            """
            update member
            set organization_id = \(person.organization), status = \(person.status.rawValue), sex = \(person.sex.rawValue),
                worker_kind = \(person.workerKind.rawValue), hardship_post = \(person.hardshipPost)
            where member_id = \(member)
            """)
    }

    func set(_ place: AdmitModel.Place, of station: ID<Station>) async throws {
        _ = try await database.query(
            """
            update station
            set organization_id = \(place.organization), capacity = \(place.capacity), capacity_enforced = \(place.capacity != nil),
                hours = \(place.opening.weekColumn)::int4multirange[],
                exception_days = \(place.opening.exceptionDaysColumn)::date[],
                exception_hours = \(place.opening.exceptionHoursColumn)::int4multirange[],
                status = \(place.isClosed ? "closed_temporarily" : "open"),
                closed_until = \(place.closedUntil.map(Timestamp.init(microseconds:))), door_state = \(place.doorState.rawValue)
            where station_id = \(station)
            """)
    }
}
