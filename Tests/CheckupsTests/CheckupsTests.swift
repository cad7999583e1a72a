import Testing

@testable import Checkups

@Suite struct CheckupsTests {
    @Test func `every route of the feature has a path of its own`() {
        let checkups = Checkups()
        #expect(Set(checkups.routes.map { "\($0)" }).count == checkups.routes.count)
    }
}
