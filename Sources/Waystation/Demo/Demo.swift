import FoundationEssentials
import Registry
import Runtime
import Stations
import Synchronization

/// Fills an empty database with what the demo shows, through the same doors as real data: organizations, members by the importer, the nine
/// stations of Debao, a paired door. What is there already is left as it is.
struct Demo: Sendable {
    private let house: House
    private let signals: Signals

    init(_ house: House, _ signals: Signals) {
        self.house = house
        self.signals = signals
    }

    func prepare() async throws -> DemoState {
        let settings = house.settings
        // Marks the folder as the demo's own, which --fresh may empty.
        try Data("made by waystation demo\n".utf8).write(to: URL(filePath: settings.dataFolder + "/demo"))
        // A register that is gone takes with it what the state speaks of.
        if let state = DemoState.load(settings), try await !house.registry.members.list(MemberStore.Filter(), after: nil, limit: 1).isEmpty
        {
            return state
        }

        guard let city = try await house.registry.organizations.ensure(Organization.Draft(parentID: nil, kind: .city, name: "德保县总工会"))
        else {
            throw CommandError("the demo's city could not be made")
        }
        let names = ["德保县新就业形态劳动者工会联合会", "城关镇总工会", "足荣镇总工会", "隆桑镇总工会", "敬德镇总工会"]
        for (index, name) in names.enumerated() {
            let kind: OrganizationKind = index == 0 ? .industryFederation : .street
            _ = try await house.registry.organizations.ensure(Organization.Draft(parentID: city.id, kind: kind, name: name))
        }
        try await importMembers(names)
        Terminal.error("Nine stations of Debao, an owner, a door …\n")
        let doors = try await house.stations.ensureDemo(of: city.id)
        guard let (station, accessPoint) = doors.first.flatMap({ door in door.accessPoints.first.map { (door.station, $0) } }) else {
            throw CommandError("the demo's stations have no door")
        }
        let token = try await house.registry.accounts.createOwner(name: "demo")
        let (device, key) = try await house.registry.devices.create(name: "demo door", profile: .door)
        for door in doors {
            for point in door.accessPoints { _ = try await house.stations.accessPoints.assign(device.id, to: point.id) }
        }
        let member = try await firstActiveMember()
        let state = DemoState(
            ownerToken: token, deviceKey: key, accessPointID: accessPoint.id.rawValue,
            accessPointName: "\(station.nameZh) \(accessPoint.name)",
            memberID: member.rawValue, memberCount: settings.configuration.integer("members"))
        try state.save(settings)
        return state
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
