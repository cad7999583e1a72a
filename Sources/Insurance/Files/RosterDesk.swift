import Crypto
import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Makes rosters, and writes their files a page at a time: memory holds one page, whatever the roster's length.
struct RosterDesk: Sendable {
    let life: InsuranceBatchLife
    let rosters: RosterStore
    let members: MemberStore

    /// Persons whose data is opened at once.
    static let pageLines = 1_000
    /// What waits beyond goes by the next roster.
    static let linesMax = 500_000

    /// Takes every policy that waits, in one transaction that holds the batch: they are sent from now on.
    /// - Throws: `insurance.roster_empty`.
    func make(
        _ id: ID<InsuranceBatch>, within scope: Scope = .everything, by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> InsuranceRoster {
        let (batch, product) = try await life.hold(id, in: [.confirmed, .closed], within: scope, in: querying)
        guard let insurer = try await life.products.insurer(product.insurerID, in: querying) else {
            throw Problem(InsuranceProblem.insurerUnknown)
        }
        let file = RosterFile(form: insurer.facts.form, batch: batch, product: product)
        var hash = SHA256()
        hash.update(try file.form.encoding.bytes(of: file.titles, isFirst: true))
        var policies: [ID<Policy>] = []
        var again = 0
        while policies.count < Self.linesMax {
            let page = try await rosters.waiting(
                of: id, after: policies.last, limit: min(Self.pageLines, Self.linesMax - policies.count), in: querying)
            if page.isEmpty { break }
            hash.update(try await bytes(page.map(\.entry), file, in: querying))
            policies += page.map(\.entry.policyID)
            again += page.count(where: \.isAgain)
        }
        guard !policies.isEmpty else { throw Problem(InsuranceFileProblem.rosterEmpty) }
        let roster = try await rosters.create(
            of: id, product, form: file.form, lines: policies.count, again: again, contentHash: hash.finish(), by: actor.subject,
            in: querying)
        try await rosters.addLines(policies, to: roster, of: id, in: querying)
        let moved = try await life.policies.move(
            policies.map { PolicyMove($0, to: .sent) }, of: id, acceptDays: nil, by: actor.subject, in: querying)
        // The batch is held, so nothing can have come between.
        guard moved.allSatisfy({ $0.verdict == .moved }) else { throw PostgresError.decoding("a policy that waited was not sent") }
        try await life.told(
            "roster_made", batch, details: ["roster": "\(roster.number)", "lines": "\(roster.lines)", "again": "\(roster.again)"],
            by: actor, in: querying)
        return roster
    }

    /// What a download would hold now: its hash, and that of each page.
    struct Digest: Sendable {
        let whole: [UInt8]
        let pages: [[UInt8]]
    }

    func digest(_ roster: InsuranceRoster, _ file: RosterFile) async throws -> Digest {
        var hash = SHA256()
        var pages: [[UInt8]] = []
        try await eachPage(roster, file) { page in
            hash.update(page)
            pages.append(SHA256.hash(page))
        }
        return Digest(whole: hash.finish(), pages: pages)
    }

    /// Somebody's data changed while the file was on its way: the connection is cut, so that nobody takes it for whole.
    struct Changed: Error {}

    /// Writes what `digest` was made of.
    func write(_ roster: InsuranceRoster, _ file: RosterFile, _ digest: Digest, _ writer: ResponseWriter) async throws {
        var number = 0
        try await eachPage(roster, file) { page in
            guard number < digest.pages.count, SHA256.hash(page) == digest.pages[number] else { throw Changed() }
            number += 1
            try await writer.write(page)
        }
        guard number == digest.pages.count else { throw Changed() }
    }

    /// The titles, then the lines, each page read by itself: a slow client keeps no snapshot open.
    private func eachPage(_ roster: InsuranceRoster, _ file: RosterFile, _ take: ([UInt8]) async throws -> Void) async throws {
        try await take(try file.form.encoding.bytes(of: file.titles, isFirst: true))
        var last: ID<Policy>?
        while true {
            let page = try await rosters.entries(of: file.batch.id, roster.number, after: last, limit: Self.pageLines)
            guard let end = page.last else { return }
            last = end.policyID
            try await take(try await bytes(page, file, in: nil))
        }
    }

    private func bytes(_ entries: [RosterEntry], _ file: RosterFile, in querying: (any Querying)?) async throws -> [UInt8] {
        var persons: [ID<Member>: Member] = [:]
        for member in try await members.members(entries.map(\.personID), within: .everything, in: querying) { persons[member.id] = member }
        let text = entries.map { file.line($0, persons[$0.personID]) }.joined()
        return try file.form.encoding.bytes(of: text, isFirst: false)
    }
}
