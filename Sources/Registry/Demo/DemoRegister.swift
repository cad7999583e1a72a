import Postgres
import Runtime

/// A register of made-up members as a CSV file: the same for the same seed, made as it is read, of any length up to 16 million rows.
///
/// The ids have valid checksums and a region code that no place has, so nobody real is in it.
package struct DemoRegister: Sequence, IteratorProtocol, Sendable {
    /// 99 is no province.
    private static let region = 990_100
    private static let firstDay = -3_653  // 1960-01-01
    /// Birth dates up to 2004-12-31. No multiple of `dayStep`, so each round through them meets every day once.
    private static let days = 16_437
    private static let dayStep = 7_919
    private static let pieceBytes = 65_536

    /// The most rows: every sequence number on every day.
    package static let countMax = days * 1_000

    private let first: Int
    private let end: Int
    private let organizations: [String]
    private let mix: Mix
    private let offset: Int
    private var generator: SeededGenerator
    /// Nil until the heading is written.
    private var index: Int?

    /// - Parameters:
    ///   - seed: another seed, other people.
    ///   - count: rows, with `first` up to `countMax`.
    ///   - first: rows of the seed's register passed over, so that several files share one register without a person twice.
    ///   - organizations: names that the rows are spread over; with none the file has no such column.
    ///   - mix: what the people work at.
    package init(seed: UInt64, count: Int, first: Int = 0, organizations: [String] = [], mix: Mix = .newForm) {
        precondition(first + count <= Self.countMax, "a register has at most \(Self.countMax) rows")
        self.first = first
        end = first + count
        self.organizations = organizations
        self.mix = mix
        offset = Int(seed % UInt64(Self.days))
        generator = SeededGenerator(seed: seed)
    }

    /// The next piece of the file, some 64 KiB of UTF-8; nil after the last.
    package mutating func next() -> [UInt8]? {
        if index == end { return nil }
        var piece: [UInt8] = []
        piece.reserveCapacity(Self.pieceBytes + 512)
        var row = index ?? first
        if index == nil {
            let columns = MemberColumn.allCases.filter { $0 != .organization || !organizations.isEmpty }
            piece.append(contentsOf: columns.map(\.chineseHeading).joined(separator: ",").utf8)
            piece.append(0x0A)
        }
        while row < end, piece.count < Self.pieceBytes {
            appendRow(row, to: &piece)
            row += 1
        }
        index = row
        return piece.isEmpty ? nil : piece
    }

    /// The national id of the row `index`, counted from 0.
    package static func nationalID(seed: UInt64, row index: Int) -> NationalID {
        let day = (index * dayStep + Int(seed % UInt64(days))) % days
        let id = NationalID(region: region, birthOn: CalendarDate(daysSince1970: firstDay + day), sequence: index / days % 1_000)
        guard let id else { preconditionFailure("the days of the register all exist") }
        return id
    }

    private mutating func appendRow(_ index: Int, to piece: inout [UInt8]) {
        let id = Self.nationalID(seed: UInt64(offset), row: index)
        let random = generator.next()
        piece.append(contentsOf: DemoNames.name(random, id.sex).utf8)
        piece.append(0x2C)
        piece.append(contentsOf: id.text.utf8)
        piece.append(contentsOf: ",199".utf8)
        var digits = 10_000_000 + (random >> 24) % 90_000_000
        let start = piece.count
        for _ in 0..<8 {
            piece.append(UInt8(0x30 + digits % 10))
            digits /= 10
        }
        piece[start...].reverse()
        let kinds = mix == .newForm ? Self.kinds : Self.cityKinds
        let kind = kinds[Int(random >> 8 & 0xFF) % kinds.count]
        piece.append(contentsOf: kind.utf8)
        let isHard = random >> 16 & 7 == 0
        let hasCheckup = random >> 19 & 3 < (mix == .newForm ? 1 : 2)
        piece.append(contentsOf: (isHard ? ",是" : ",否").utf8)
        piece.append(contentsOf: (hasCheckup ? ",是" : ",否").utf8)
        if !organizations.isEmpty {
            piece.append(0x2C)
            piece.append(contentsOf: organizations[Int(random >> 40 & 0xFFFF) % organizations.count].utf8)
        }
        piece.append(0x0A)
    }

    /// What the people of a register work at.
    package enum Mix: Sendable {
        /// A city's new-form members; a quarter of them has a checkup from the employer.
        case newForm
        /// All of an industrial city's members, one in twenty-five in a new form of work; half of them have a checkup from the employer.
        case city
    }

    /// Worker kinds in the proportions of a city's new-form members, each with its usual employment form.
    private static let kinds = lines([
        (26, .courier, .dispatch), (28, .foodRider, .platform), (16, .rideHailingDriver, .platform), (8, .truckDriver, .selfEmployed),
        (7, .housekeeper, .selfEmployed), (3, .onlineMarketer, .selfEmployed), (5, .sanitationWorker, .dispatch),
        (5, .factoryWorker, .contract), (2, .other, .other),
    ])

    private static let cityKinds = lines([
        (1, .courier, .dispatch), (1, .foodRider, .platform), (1, .rideHailingDriver, .platform), (1, .truckDriver, .selfEmployed),
        (74, .factoryWorker, .contract), (8, .sanitationWorker, .dispatch), (14, .other, .contract),
    ])

    private static func lines(_ shares: [(Int, WorkerKind, EmploymentForm)]) -> [String] {
        shares.flatMap { share, kind, form in Array(repeating: ",\(kind.chineseNames[0]),\(form.chineseNames[0])", count: share) }
    }
}
