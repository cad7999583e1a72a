import Crypto
import FoundationEssentials
import MemberCode
import Postgres
import Registry
import Runtime

@testable import Stations

/// A small world to scan in: stations with two doors each, a device per door, some members.
struct StationScene {
    let database: Database
    let access: AccessStore
    let accessPoints: AccessPointStore
    let stations: StationStore
    let organization: ID<Organization>
    /// Doors by station.
    let doors: [[Door]]
    let members: [ID<Member>]
    let keys: Keys
    let issuer: MemberCodeIssuer
    let verifier: MemberCodeVerifier
    let clock: Clock

    struct Door: Hashable {
        let station: ID<Station>
        let accessPoint: ID<AccessPoint>
        let device: ID<Device>
    }

    /// - Parameter clock: its offset moves every decision.
    init(_ database: Database, stations stationCount: Int = 1, members memberCount: Int = 4, clock: Clock = Clock()) async throws {
        self.database = database
        self.clock = clock
        keys = Keys.random()
        access = AccessStore(database, keys: keys, clock: clock)
        accessPoints = AccessPointStore(database)
        stations = StationStore(database)
        issuer = MemberCodeIssuer(keys)
        verifier = MemberCodeVerifier(keys)
        organization = try await database.query(
            "select organization_id from registry_organization_create(null, 'city', 'Debao')"
        ).single.decode(0)
        var doors: [[Door]] = []
        for number in 0..<stationCount {
            let station = try await stations.create(StationDraft(organizationId: organization, nameZh: "驿站\(number)"), in: database)
            var ofStation: [Door] = []
            for name in ["front", "back"] {
                let accessPoint = try await accessPoints.create(AccessPointDraft(name: name), station: station.id, in: database)
                let device = try await Self.device(database)
                _ = try await accessPoints.assign(device, to: accessPoint.id)
                ofStation.append(Door(station: station.id, accessPoint: accessPoint.id, device: device))
            }
            doors.append(ofStation)
        }
        self.doors = doors
        let rows = try await database.query(
            """
            insert into member (
                organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
            select \(organization), 'active', 'courier', 'platform', 'male', '1990-01-01', false, false
            from generate_series(1, \(memberCount)::integer)
            returning member_id
            """)
        var members: [ID<Member>] = []
        for row in rows { members.append(try row.decode(0)) }
        self.members = members
    }

    var front: Door { doors[0][0] }
    var back: Door { doors[0][1] }
    var fingerprints: ScanFingerprints { ScanFingerprints(keys) }

    /// A device paired at once.
    static func device(_ database: Database) async throws -> ID<Device> {
        try await database.query(
            """
            with pairing as (
                insert into device_pairing (name, profile, code_digest, created_by, expires_at)
                values ('door', 'door', \(SecureRandom.bytes(32)), 'test', now() + interval '1 hour')
                returning pairing_id
            )
            insert into device (pairing_id, name, profile, key_sha256)
            select pairing_id, 'door', 'door', \(SecureRandom.bytes(32)) from pairing
            returning device_id
            """
        ).single.decode(0)
    }

    /// A fresh code, issued `ageSeconds` ago.
    func code(_ member: ID<Member>, ageSeconds: Int64 = 0) -> String {
        issuer.issue(memberID: member.rawValue, nowMicroseconds: clock.nowMicroseconds - ageSeconds * 1_000_000).text
    }

    /// A scan of `code` at `door`, now.
    func scan(
        _ code: String, at door: Door, _ direction: AccessDirection = .inward, requestID: UUID = requestID(), device: ID<Device>? = nil,
        occurredAt: Timestamp? = nil
    ) -> AccessScan {
        let now = clock.nowMicroseconds
        return AccessScan(
            requestID: requestID, deviceID: device ?? door.device, accessPointID: door.accessPoint, direction: direction,
            occurredAt: occurredAt ?? Timestamp(microseconds: now), code: code, verdict: verifier.verify(code, nowMicroseconds: now))
    }

    /// The same for any credential.
    func scan(_ credential: ScanCredential, at door: Door, _ direction: AccessDirection = .inward) -> AccessScan {
        AccessScan(
            requestID: Self.requestID(), deviceID: door.device, accessPointID: door.accessPoint, direction: direction,
            occurredAt: Timestamp(microseconds: clock.nowMicroseconds), credential: credential)
    }

    /// A digest as credentials and PINs have them.
    static func digest(_ number: UInt8) -> [UInt8] { SHA256.hash([number]) }

    /// A new UUIDv7, as a device makes one.
    static func requestID() -> UUID {
        guard let id = UUID(uuidString: UUIDv7(microseconds: Clock().nowMicroseconds).description) else {
            preconditionFailure("a UUIDv7 is a UUID")
        }
        return id
    }

    /// A minute of the day, however many midnights away.
    static func time(_ minutes: Int16) -> TimeOfDay { .at(minutes / 60 % 24, minutes % 60) }

    /// One scan by itself.
    func admit(_ scan: AccessScan) async throws -> Admission {
        let admissions = try await access.admit(batch: [scan])
        precondition(admissions.count == 1, "one answer to one scan")
        return admissions[0]
    }

    func set(_ policy: AccessPolicy, at door: Door) async throws {
        _ = try await accessPoints.setPolicy(policy, of: door.accessPoint, replacing: nil)
    }

    func set(_ status: MemberStatus, of member: ID<Member>) async throws {
        _ = try await database.query("update member set status = \(status.rawValue) where member_id = \(member)")
    }

    var eventCount: Int {
        get async throws { try await database.query("select count(*) from access_event").single.decode(0) }
    }

    /// The stations whose count, presence rows and events do not say the same.
    var stationsOutOfBalance: Int {
        get async throws {
            try await database.query(
                """
                select count(*)
                from station
                cross join lateral (
                    select coalesce(sum(people), 0) as n from station_occupancy o where o.station_id = station.station_id) counted
                cross join lateral (
                    select count(*) as n from access_presence p where p.station_id = station.station_id and p.is_inside
                ) present
                cross join lateral (
                    select coalesce(sum(inside_change), 0) as n
                    from (
                        select station_id, inside_change from access_event
                        union all
                        select station_id, inside_change from access_annulment
                    ) e
                    where e.station_id = station.station_id
                ) recorded
                cross join lateral (
                    select count(*) as n
                    from (
                        select distinct on (member_id) direction
                        from access_event e
                        where e.station_id = station.station_id
                            and e.open
                            and e.member_id is not null
                            and not exists (
                                select from access_annulment a where a.station_id = e.station_id and a.request_id = e.request_id)
                        order by member_id, recorded_at desc, batch_position desc
                    ) last
                    where direction = 'in'
                ) rebuilt
                where counted.n <> present.n or present.n <> recorded.n or recorded.n <> rebuilt.n
                """
            ).single.decode(0)
        }
    }
}

extension OpeningHours {
    static func daily(_ opensAt: TimeOfDay, _ closesAt: TimeOfDay) -> OpeningHours {
        OpeningHours(hours: WeekdayHours.daily(opensAt, closesAt), exceptions: [])
    }
}

extension Admission {
    var decision: AccessDecision? {
        if case .decided(let decision, _) = self { return decision }
        return nil
    }

    var isOpen: Bool { decision?.isOpen ?? false }
    var reasons: [AccessReason] { decision?.reasons ?? [] }

    var isRepeat: Bool {
        if case .decided(_, isRepeat: true) = self { return true }
        return false
    }

    var isConflict: Bool {
        if case .conflict = self { return true }
        return false
    }

    var isForeign: Bool {
        if case .foreign = self { return true }
        return false
    }
}
