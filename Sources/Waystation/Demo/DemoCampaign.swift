import Checkups
import Postgres
import Programs
import Registry
import Runtime

/// The demo's vans: a campaign with one package and visits, made as an organizer makes them.
struct DemoCampaign: Sendable {
    private let checkups: Checkups
    private let program: ID<UnionProgram>
    private let subject: String

    init(_ checkups: Checkups, _ program: ID<UnionProgram>, by subject: String) {
        self.checkups = checkups
        self.program = program
        self.subject = subject
    }

    func make(in transaction: Transaction) async throws -> ID<CheckupPackage> {
        let campaign = try await checkups.campaigns.create(
            CheckupCampaignBody(programId: program), within: .everything, by: subject, in: transaction)
        guard case .created = campaign else { throw CommandError("the demo's campaign could not be made") }
        let body = CheckupPackageBody(
            name: "职工体检套餐", items: ["内科", "血常规", "肝功能", "肾功能", "血糖", "血脂", "心电图", "腹部彩超", "胸部DR"], valueFen: 58_000,
            addOns: [
                CheckupPackage.AddOn(workerKind: .courier, items: ["颈椎侧位片"]),
                CheckupPackage.AddOn(workerKind: .rideHailingDriver, items: ["腰椎正侧位片", "前列腺彩超"]),
                CheckupPackage.AddOn(workerKind: .sanitationWorker, items: ["肺功能"]),
            ])
        guard let package = try await checkups.campaigns.createPackage(body, of: program, in: transaction) else {
            throw CommandError("the demo's package could not be made")
        }
        return package.id
    }

    /// Every 30 minutes from 8:00 to 16:30.
    /// - Returns: the numbers of its sessions.
    func visit(
        _ package: ID<CheckupPackage>, host: ID<Organization>, audience: ID<Organization>?, site: String, from start: Timestamp, days: Int,
        seats: Int32, in transaction: Transaction
    ) async throws -> [Int32] {
        // China is eight hours ahead of UTC all year.
        let firstDay = Int((start.microseconds + 8 * 3_600_000_000) / 86_400_000_000)
        let dates = (0..<days).map { CalendarDate(daysSince1970: firstDay + $0) }
        guard let first = dates.first, let last = dates.last else { return [] }
        let body = VanVisitBody(
            packageId: package, hostOrganizationId: host, forOrganizationId: audience, site: site, address: "\(site)停车场",
            firstOn: first.description, lastOn: last.description)
        guard
            case .created(let visit) = try await checkups.visits.create(
                body, from: first, to: last, of: program, by: subject, in: transaction),
            case .added(let numbers) = try await checkups.visits.addSessions(
                VanSessionsBody(from: "08:00", to: "16:30", everyMinutes: 30, capacity: seats), on: dates, of: visit, in: transaction)
        else { throw CommandError("the demo's visit to \(site) could not be made") }
        return numbers
    }
}
