import HTTP
import Registry
import Stations
import Testing

/// Codes are a promise to those who program against them: one is added here on purpose, and never changes.
struct ProblemCodeTests {
    @Test func `every problem code is pinned with its status`() throws {
        let all = HTTPProblem.all + RegistryProblem.all + StationProblem.all
        let codes = all.map { "\($0.status) \($0.code)" }
        #expect(Set(codes).count == codes.count, "a code stands twice")
        let pinned = Set(Self.pinned.split(separator: "\n").map(String.init))
        #expect(Set(codes).subtracting(pinned).sorted() == [], "not pinned")
        #expect(pinned.subtracting(codes).sorted() == [], "pinned, but gone")
    }

    @Test func `every problem a route declares is on a list, and speaks both languages`() async throws {
        let all = Set(HTTPProblem.all + RegistryProblem.all + StationProblem.all)
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
}
