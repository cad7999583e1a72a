import Allocation
import Crypto
import FoundationEssentials
import Glibc
import Runtime

/// The allocation engine alone, on one core: a million applicants for 50,000 places of 500 sessions, five wishes each, eight groups, four
/// floors that overlap; and how its time grows with the number of applicants.
struct AllocationWork: Work {
    static let name = "allocation"
    static let summary = "1,000,000 applicants shared out over 500 sessions, four overlapping floors"

    private let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    func run(_ report: Report) async throws {
        report.title("allocation: 1,000,000 applicants, 500 sessions, 5 wishes, 8 groups, 4 floors; one core")
        try await onThread(name: "allocation") { () -> Swift.Result<Void, BenchError> in
            do {
                try measure(report)
                return .success(())
            } catch {
                return .failure(BenchError(description: "\(error)"))
            }
        }.get().get()
    }

    private func measure(_ report: Report) throws {
        let city = AllocationCity(applicants: 1_000_000)
        let lottery = Lottery(secret: (0..<32).map { UInt8($0) }, beacon: [1])
        let order = CommonOrder(city.applicants, lottery: lottery, program: city.program.name)
        let allocation = Allocation(city.program, city.sessions, city.applicants, order: order)
        let local = city.localProgram

        try report.figure(
            Self.name, "rule-order", ours: seconds { _ = rule(city.program, city, order) }, unit: "s", runs: options.runs,
            promise: "up to 0.2 s")
        try report.figure(
            Self.name, "rule-local", ours: seconds { _ = rule(local, city, order) }, unit: "s", runs: options.runs, promise: "up to 0.8 s")
        try report.figure(
            Self.name, "keys-sort-rule",
            ours: seconds { _ = Allocation(city.program, city.sessions, city.applicants, lottery: lottery).outcome.placed }, unit: "s",
            runs: options.runs, promise: "up to 1.0 s")
        try report.figure(
            Self.name, "memory", ours: mostResidentMegabytes(), unit: "MB", runs: 1, promise: "within 256 MB")

        var left = WaitlistTick(allocation.outcome)
        var random = SeededGenerator(seed: 5)
        let placed = (0..<allocation.lineup.count).filter { allocation.outcome.isPlaced($0) }
        for place in placed.shuffled(using: &random).prefix(5_000) { left.leave(place) }
        var promoted = 0
        try report.figure(
            Self.name, "waitlist-tick",
            ours: seconds {
                var tick = left
                promoted = tick.run(city.program, city.sessions, allocation.lineup, allocation.floors).count
            }, unit: "s", runs: options.runs, promise: "up to 0.1 s")
        guard promoted == 5_000 else { throw BenchError(description: "\(promoted) of 5,000 vacancies were filled") }

        try report.figure(
            Self.name, "certificate", ours: seconds { _ = ShortfallCertificate(allocation).possible }, unit: "s", runs: options.runs,
            promise: "up to 5 s")
        try report.figure(
            Self.name, "replay",
            ours: seconds {
                do { try ReplayCertificate.check(allocation, allocation.outcome) } catch { Output.error("replay: \(error)\n") }
            }, unit: "s", runs: options.runs)

        let files = try AllocationFilesWork(city: city, runs: options.runs).measure()
        try report.figure(
            Self.name, "files, read and written",
            ours: Double(files.bytesRead + files.bytesWritten) / 1e6 / (files.reading + files.writing), unit: "MB/s", runs: options.runs,
            promise: "from 100 MB/s")
        try report.figure(
            Self.name, "files, read", ours: Double(files.bytesRead) / 1e6 / files.reading, unit: "MB/s", runs: options.runs)
        try report.figure(
            Self.name, "files, written", ours: Double(files.bytesWritten) / 1e6 / files.writing, unit: "MB/s", runs: options.runs)

        for count in [10_000, 100_000, 1_000_000] {
            let city = AllocationCity(applicants: count)
            let took = seconds {
                _ = Allocation(city.program, city.sessions, city.applicants, lottery: lottery).outcome.placed
            }
            try report.figure(
                Self.name, "keys-sort-rule of \(grouped(count)), for each", ours: took / Double(count) * 1e9, unit: "ns",
                runs: options.runs)
        }
    }

    /// The rule alone, from applicants in order to who gets what.
    private func rule(_ program: Program, _ city: AllocationCity, _ order: CommonOrder) -> Int {
        Allocation(program, city.sessions, city.applicants, order: order).outcome.placed
    }

    private func seconds(_ body: () -> Void) -> Double {
        median(
            (0..<options.runs).map { _ in
                let start = MonotonicTime.current
                body()
                return (MonotonicTime.current - start).secondsValue
            })
    }

    private func grouped(_ number: Int) -> String { Report.text(Double(number)) }
}

/// The most memory that this process ever held.
func mostResidentMegabytes() -> Double {
    let status = FileManager.default.contents(atPath: "/proc/self/status").map { String(decoding: $0, as: UTF8.self) } ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return Double(line.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "0").map { $0 / 1_024 } ?? 0
}

/// A made-up city of applicants: gig workers, who like popular sessions, and seven other groups that overlap with them and each other.
struct AllocationCity {
    let program: Program
    let sessions: [Session]
    let applicants: Applicants

    /// The same by area.
    var localProgram: Program {
        var local = program
        local.mode = .local
        return local
    }

    init(applicants count: Int) {
        let seats = max(1, count / 20 / 500)
        let quota = 500 * seats
        program = Program(
            name: "bench", quota: quota,
            groups: ["gig", "hard job", "no checkup", "woman", "over 50", "factory", "cleaner", "newcomer"],
            floors: [
                Floor(group: 0, size: quota / 10), Floor(group: 1, size: quota / 10), Floor(group: 2, size: quota / 5),
                Floor(group: 4, size: quota / 20, kind: .fair),
            ])
        sessions = (0..<500).map { Session(name: "S\($0)", capacity: seats, area: UInt32($0 / 10)) }
        var random = SeededGenerator(seed: 1)
        var applicants = Applicants(wishStride: 5, capacity: count)
        let shares: [UInt64] = [12, 15, 30, 45, 20, 25, 5, 8]
        var wishes = [UInt16](repeating: 0, count: 5)
        for number in 0..<count {
            var mask: UInt8 = 0
            for (bit, share) in shares.enumerated() where random.next() % 100 < share { mask |= 1 << UInt8(bit) }
            var filled = 0
            while filled < wishes.count {
                // The square of a number in 0..<1 makes the first sessions the dearest.
                let part = Double(random.next() >> 11) / Double(1 << 53)
                let range = mask & 1 != 0 ? 50.0 : 500.0
                let wish = UInt16(part * part * range)
                if wishes[..<filled].contains(wish) { continue }
                wishes[filled] = wish
                filled += 1
            }
            applicants.append(
                ticket: Ticket(rawValue: Self.ticket(number)), class: UInt16(1 + random.next() % 3), points: UInt32(random.next() % 4),
                groups: mask, organization: UInt32(random.next() % 2_000), area: UInt32(random.next() % 50), wishes: wishes)
        }
        self.applicants = applicants
    }

    /// `T` and seven digits.
    private static func ticket(_ number: Int) -> UInt64 {
        var value = UInt64(0x54)
        var divisor = 1_000_000
        for _ in 0..<7 {
            value = value << 8 | UInt64(0x30 + number / divisor % 10)
            divisor /= 10
        }
        return value
    }
}
