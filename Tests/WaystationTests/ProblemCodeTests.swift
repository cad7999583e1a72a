import Checkups
import Coupons
import FoundationEssentials
import HTTP
import Insurance
import NightSchool
import Programs
import Registry
import Stations
import Testing

/// Codes are a promise to those who program against them: one is added here on purpose, and never changes.
struct ProblemCodeTests {
    private static let all =
        HTTPProblem.all + RegistryProblem.all + StationProblem.all + ProgramProblem.all + CheckupProblem.all + CouponProblem.all
        + VenueProblem.all + InsuranceProblem.all + InsuranceFileProblem.all
        + MemberPolicyProblem.all + SchoolProblem.all + AttendanceProblem.all

    @Test func `every problem code is pinned with its status`() throws {
        let all = Self.all
        let codes = all.map { "\($0.status) \($0.code)" }
        #expect(Set(codes).count == codes.count, "a code stands twice")
        let pinned = Set(Self.pinned.split(separator: "\n").map(String.init))
        #expect(Set(codes).subtracting(pinned).sorted() == [], "not pinned")
        #expect(pinned.subtracting(codes).sorted() == [], "pinned, but gone")
    }

    @Test func `every problem a route declares is on a list, and speaks both languages`() async throws {
        let all = Set(Self.all)
        try await withService { service in
            for route in service.api.routes {
                for problem in route.problems { #expect(all.contains(problem), "\(route.template): \(problem.code)") }
            }
        }
        for problem in all {
            let (chinese, english) = (problem.title[.zh], problem.title[.en])
            #expect(!chinese.isEmpty && !english.isEmpty && chinese != english, "\(problem.code)")
            #expect(problem.code.contains("."), "\(problem.code) belongs to a family")
        }
    }

    @Test func `every reason a door gives is pinned`() {
        let codes = AccessReason.allCases.map(\.rawValue).sorted()
        #expect(codes == Self.doorReasons.split(separator: "\n").map(String.init).sorted())
    }

    @Test func `every reason a row is refused for is pinned`() {
        let codes = MemberFault.all.map(\.code).sorted()
        #expect(codes == Self.rowReasons.split(separator: "\n").map(String.init).sorted())
    }

    @Test func `every code that stands in the sources is pinned`() throws {
        let lists = [Self.pinned, Self.doorReasons, Self.rowReasons, Self.reasons].joined(separator: "\n")
        let pinned = Set(lists.split(whereSeparator: { $0 == "\n" || $0 == " " }).map(String.init))
        let families = [
            "access", "account", "allocation", "application", "audit", "auth", "award", "checkup", "coupon", "door", "export", "http",
            "import", "insurance",
            "job",
            "join", "member", "policy", "program", "registry", "request", "school", "session", "station", "transfer", "venue", "webhook",
        ]
        var found: Set<String> = []
        let root = String(#filePath.split(separator: "/Tests/")[0])
        let targets = [
            "Allocation", "AllocationFiles", "Checkups", "Coupons", "HTTP", "Insurance", "NightSchool", "Programs", "Registry", "Scheduler",
            "Stations",
        ]
        for target in targets {
            let folder = "/\(root.drop { $0 == "/" })/Sources/\(target)"
            for file in try FileManager.default.subpathsOfDirectory(atPath: folder) where file.hasSuffix(".swift") {
                let bytes = try #require(FileManager.default.contents(atPath: "\(folder)/\(file)"))
                var before: Substring = ""
                for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                    // Events of the log, the audit's actions, webhooks' events, fields of blind indexes, threads and kinds of jobs are no
                    // codes.
                    let isOther =
                        ["log.", "record(", "emit(", "emitSealed(", "note("].contains { line.contains($0) || before.contains($0) }
                        || line.contains("BlindIndex(") || line.contains("Job(") || line.contains(".condition(")
                        || line.contains(": Permission =") || line.contains("Self.local(") || line.contains("onThread(")
                        || line.contains("static let kind =")
                    before = line
                    if isOther { continue }
                    for (index, literal) in line.split(separator: "\"", omittingEmptySubsequences: false).enumerated() where index % 2 == 1
                    {
                        let parts = literal.split(separator: ".", omittingEmptySubsequences: false)
                        guard parts.count == 2, parts[1] != "txt", families.contains(String(parts[0])), !parts[1].isEmpty else { continue }
                        if parts[1].allSatisfy({ $0 == "_" || $0.isLowercase || $0.isNumber }) { found.insert(String(literal)) }
                    }
                }
            }
        }
        #expect(found.count > 60, "the sources were read")
        #expect(found.subtracting(pinned).sorted() == [])
    }
}
