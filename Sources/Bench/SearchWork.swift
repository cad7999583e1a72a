import FoundationEssentials
import Postgres
import Registry
import Runtime

/// Members found by national id, phone, and name with birth date among many, beside pgbench reading a member by its number.
struct SearchWork: Work {
    static let name = "search"
    static let summary = "members by blind index among --members (1 000 000), beside a read by number"

    /// Persons who are really there; the others are rows of random bytes, which no search opens.
    private static let persons = 2_000
    private static let fillRows = 250_000

    private let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    func run(_ report: Report) async throws {
        let count = options.members ?? 1_000_000
        report.title("search: one at a time among \(Report.text(Double(count))) members")
        try await BenchHouse.with { house in try await measure(house, count, report) }
    }

    private func measure(_ house: BenchHouse, _ count: Int, _ report: Report) async throws {
        let organization = try await house.ensureOrganization()
        let file = house.folder + "/members.csv"
        try house.writeRegister(Self.persons, organization: "Bench", to: file)
        _ = try await house.importFile(file)
        for constraint in [
            "member drop constraint member_organization_exists", "member_data_key drop constraint member_data_key_member_exists",
            "member_personal_data drop constraint member_personal_data_member_exists",
        ] { _ = try await house.database.query("alter table \(raw: constraint)") }
        for start in stride(from: Self.persons, to: count, by: Self.fillRows) {
            report.note("members \(start)")
            try await fill(house, organization, min(Self.fillRows, count - start))
        }
        _ = try await house.database.query("analyze")
        let members = try await house.registry.members.list(.init(), after: nil, limit: Self.persons)
        let scope = Scope(subtrees: [organization.id])
        var searches: [(kind: String, searches: [MemberSearch])] = [("national id", []), ("phone", []), ("name and birth date", [])]
        for member in members {
            guard let person = member.person, let phone = person.phone else { continue }
            searches[0].searches.append(.nationalID(person.nationalID))
            searches[1].searches.append(.phone(phone))
            searches[2].searches.append(.name(person.name, birthOn: person.nationalID.birthOn))
        }
        let peer = try await peerMilliseconds(house)
        for (kind, searches) in searches {
            var middle: [Double] = []
            var worst: [Double] = []
            for run in 1...options.runs {
                report.note("search by \(kind) \(run)/\(options.runs)")
                var times: [Double] = []
                for search in searches.shuffled() {
                    let start = MonotonicTime.current
                    let found = try await house.registry.members.search(search, within: scope)
                    times.append((MonotonicTime.current - start).secondsValue * 1_000)
                    guard !found.isEmpty else { throw BenchError(description: "a member was not found by \(kind)") }
                }
                times.sort()
                middle.append(times[times.count / 2])
                worst.append(times[times.count * 99 / 100])
            }
            try report.figure(
                Self.name, "by \(kind), half within", ours: median(middle), peer: peer, peerName: "pgbench, by number, mean", unit: "ms",
                runs: options.runs)
            try report.figure(Self.name, "by \(kind), 99 % within", ours: median(worst), unit: "ms", runs: options.runs, promise: "5 ms")
        }
    }

    /// Rows as an import leaves them, of random bytes; without the checks of foreign keys, which all hold.
    private func fill(_ house: BenchHouse, _ organization: Organization, _ count: Int) async throws {
        try await house.database.transaction { transaction in
            try await transaction.script(
                """
                create temporary table filling on commit drop as
                select nextval(pg_get_serial_sequence('member', 'member_id')) as member_id from generate_series(1, \(count));
                insert into member (
                    member_id, organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
                overriding system value
                select
                    member_id, \(organization.id), 'active', 'courier', 'platform', 'male',
                    date '1960-01-01' + (member_id % 16000)::integer, false, false
                from filling;
                insert into member_data_key (member_id, wrapped_key)
                select member_id, sha256(('a' || member_id)::bytea) || sha256(('b' || member_id)::bytea) from filling;
                insert into member_personal_data (
                    member_id, name_sealed, national_id_sealed, phone_sealed, phone_index, name_index, personal_digest)
                select
                    member_id, sha256(('c' || member_id)::bytea), sha256(('d' || member_id)::bytea), sha256(('e' || member_id)::bytea),
                    sha256(('f' || member_id)::bytea), sha256(('g' || member_id)::bytea),
                    substring(sha256(('h' || member_id)::bytea), 1, 16)
                from filling;
                insert into national_id_directory (national_id_index, member_id)
                select sha256(('i' || member_id)::bytea), member_id from filling;
                insert into member_phone_index (phone_index, member_id) select phone_index, member_id
                from member_personal_data join filling using (member_id);
                insert into member_name_index (name_index, member_id) select name_index, member_id
                from member_personal_data join filling using (member_id);
                """)
        }
    }

    private func peerMilliseconds(_ house: BenchHouse) async throws -> Double {
        var rates: [Double] = []
        for _ in 1...options.runs {
            rates.append(
                try await house.pgbench().run(
                    "\\set id random(1, \(Self.persons))\nselect * from member where member_id = :id;\n", clients: 1, seconds: 1,
                    folder: house.folder))
        }
        return 1_000 / median(rates)
    }
}
