import FoundationEssentials
import Glibc
import Registry
import Runtime
import Stations
import Synchronization

/// Fills an empty database with what the demo shows, through the same doors as real data: organizations, members by the importer, the
/// stations of Debao and Rencheng, a paired door, a week of visits. What is there already is left as it is.
struct Demo: Sendable {
    private let house: House
    private let signals: Signals

    init(_ house: House, _ signals: Signals) {
        self.house = house
        self.signals = signals
    }

    /// What the demo remembers, and its workers as far as they came and went.
    func prepare() async throws -> (state: DemoState, life: DemoLife) {
        var state = try await prepareState()
        let life = DemoLife(house, deviceID: ID(state.deviceID), traffic: try await traffic(of: state))
        // The program that was here before has shown what lies before this.
        let from = max(state.trafficUntil, house.settings.clock.nowMicroseconds - DemoLife.historyMicroseconds)
        var progress = ProgressBar("Who came and went", unit: "scans")
        try await life.makeHistory(from: from) { progress.update(fraction: $0, count: $1) }
        progress.finish()
        try await prepareWinter(&state)
        state.accounts = try await DemoAccounts(house).prepare(state.accounts)
        state.trafficUntil = house.settings.clock.nowMicroseconds
        try state.save(house.settings)
        return (state, life)
    }

    /// A campaign to look at; for a storm a new one each time, whose round opens when the server is there.
    private func prepareWinter(_ state: inout DemoState) async throws {
        let members = house.settings.configuration.integer("members")
        let winter = DemoWinter(house, signals)
        if house.settings.isStorm {
            state.winter = try await winter.prepare(.storm(members: members))
        } else if state.winter == nil {
            state.winter = try await winter.prepare(.glance(members: members))
        }
    }

    /// The demo's doors and those who use them, at the moment up to which they were shown.
    private func traffic(of state: DemoState) async throws -> DemoTraffic {
        let members = try await house.registry.members.list(MemberStore.Filter(status: .active), after: nil, limit: 3_000)
        var doors: [DemoTraffic.Door] = []
        for station in try await house.stations.stations.list(organization: nil, after: nil, limit: 1_000) {
            for point in try await house.stations.accessPoints.list(station: station.id, after: nil, limit: 1_000) {
                let isForWomen = point.policy.attributes.contains { $0.oneOf == [Sex.female.rawValue] }
                let visits = isForWomen || point.policy.opening.hours != nil ? 12 : Int(station.capacity ?? 20) * 8
                // Fewer members, fewer visits.
                doors.append(
                    DemoTraffic.Door(
                        accessPointID: point.id.rawValue, visitsPerDay: max(1, visits * min(members.count, 2_000) / 2_000),
                        womenOnly: isForWomen))
            }
        }
        var traffic = DemoTraffic(
            seed: 2_025, doors: doors, members: members.map(\.id.rawValue),
            women: members.filter { $0.sex == .female }.map(\.id.rawValue), from: state.trafficFrom)
        _ = traffic.moves(before: state.trafficUntil)
        return traffic
    }

    private func prepareState() async throws -> DemoState {
        let settings = house.settings
        // Marks the folder as the demo's own, which --fresh may empty.
        try Data("made by waystation demo\n".utf8).write(to: URL(filePath: settings.dataFolder + "/demo"))
        // A register that is gone takes with it what the state speaks of.
        if let state = DemoState.load(settings), try await !house.registry.members.list(MemberStore.Filter(), after: nil, limit: 1).isEmpty
        {
            return state
        }

        let debao = try await makeCity(
            "德保县总工会", ["德保县新就业形态劳动者工会联合会", "城关镇总工会", "足荣镇总工会", "隆桑镇总工会", "敬德镇总工会"])
        let rencheng = try await makeCity(
            "济宁市任城区总工会", ["任城区新就业形态劳动者工会联合会", "古槐街道总工会", "济阳街道总工会", "南张街道总工会"])
        try await importMembers(debao.unions + rencheng.unions)
        Terminal.error("The stations of Debao and Rencheng, an owner, a door …\n")
        let doors =
            try await house.stations.ensureDemo(of: debao.id, city: .debao)
            + house.stations.ensureDemo(of: rencheng.id, city: .rencheng)
        guard let (station, accessPoint) = doors.first.flatMap({ door in door.accessPoints.first.map { (door.station, $0) } }) else {
            throw CommandError("the demo's stations have no door")
        }
        let token = try await house.registry.accounts.createOwner(name: "demo")
        let (device, key) = try await house.registry.devices.create(name: "demo door", profile: .door)
        for door in doors {
            for point in door.accessPoints { _ = try await house.stations.accessPoints.assign(device.id, to: point.id) }
        }
        try await makeController(at: accessPoint.id)
        let member = try await firstActiveMember()
        let start = house.settings.clock.nowMicroseconds - DemoLife.historyMicroseconds
        var state = DemoState(
            ownerToken: token, deviceKey: key, accessPointID: accessPoint.id.rawValue,
            accessPointName: "\(station.nameZh) \(accessPoint.name)",
            memberID: member.rawValue, deviceID: device.id.rawValue,
            trafficFrom: start, trafficUntil: start, memberCount: settings.configuration.integer("members"))
        state.year = try await makeYear()
        state.gifts = try await makeGifts()
        try state.save(settings)
        return state
    }

    private func makeYear() async throws -> DemoYear.State? {
        let applicants = house.settings.configuration.integer("applicants")
        guard applicants > 0 else { return nil }
        _ = try await house.registry.accounts.createOwner(name: "demo reviewer")
        let city = try await DemoCity.ensure(house)
        try await DemoCity.importMembers(applicants, house, signals)
        return try await DemoYear(house, signals, city: city, applicants: applicants).prepare()
    }

    private var school: DemoSchool? {
        let applicants = house.settings.configuration.integer("applicants")
        return applicants > 0 ? DemoSchool(house, signals, applicants: applicants) : nil
    }

    /// A night school's term, once the server is there; what was opened before stays.
    func openSchool(_ prepared: DemoState, port: UInt16) async throws -> DemoState {
        guard prepared.school == nil, let school else { return prepared }
        var state = prepared
        try await school.prepare()
        state.school = try await school.run(port: port, ownerToken: state.ownerToken)
        try state.save(house.settings)
        return state
    }

    private func makeGifts() async throws -> DemoGifts.State? {
        let applicants = house.settings.configuration.integer("applicants")
        return applicants > 0 ? try await DemoGifts(house, signals, applicants: applicants).prepare() : nil
    }

    /// A key for `waystation door`, and a pipe that stands for its scanner.
    private func makeController(at accessPoint: ID<AccessPoint>) async throws {
        let (device, key) = try await house.registry.devices.create(name: "demo controller", profile: .door)
        _ = try await house.stations.accessPoints.assign(device.id, to: accessPoint)
        let files = DemoState.controllerFiles(house.settings)
        try Data((key + "\n").utf8).write(to: URL(filePath: files.key))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: files.key)
        guard mkfifo(files.scanner, 0o600) == 0 || errno == EEXIST else { throw SystemError.last("mkfifo \(files.scanner)") }
    }

    private func makeCity(_ name: String, _ unions: [String]) async throws -> (id: ID<Organization>, unions: [String]) {
        let drafts = Organization.Draft(parentID: nil, kind: .city, name: name)
        guard let city = try await house.registry.organizations.ensure(drafts) else {
            throw CommandError("the demo's city could not be made")
        }
        for (index, union) in unions.enumerated() {
            let kind: OrganizationKind = index == 0 ? .industryFederation : .street
            _ = try await house.registry.organizations.ensure(Organization.Draft(parentID: city.id, kind: kind, name: union))
        }
        return (city.id, unions)
    }

    private func importMembers(_ organizations: [String]) async throws {
        let count = house.settings.configuration.integer("members")
        let pieces = Mutex(Array(DemoRegister(seed: 2_025, count: count, organizations: organizations))[...])
        let bytesTotal = Int64(pieces.withLock { $0.reduce(0) { $0 + $1.count } })
        let progress = ImportProgress("Making up members")
        let result = try await house.registry.importer.run(
            next: {
                if signals.hasArrived { throw CommandError("stopped while making up members") }
                return pieces.withLock { $0.popFirst() }
            },
            options: MemberImportOptions(organizationID: nil, isDryRun: false, bytesTotal: bytesTotal),
            requestedBy: "demo", onProgress: { progress.update($0) })
        progress.finish()
        guard result.tally.refused == 0 else { throw CommandError("the demo's register was refused in \(result.tally.refused) rows") }
    }

    private func firstActiveMember() async throws -> ID<Member> {
        let page = try await house.registry.members.list(MemberStore.Filter(status: .active), after: nil, limit: 1)
        guard let first = page.first else { throw CommandError("the register holds no active member") }
        return first.id
    }
}
