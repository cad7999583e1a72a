import FoundationEssentials
import Runtime
import Testing

struct StormTests {
    /// A minute of scans under kills, by the bench's own work, which exits with 1 at the first scan lost, doubled or answered differently.
    @Test func `nothing acknowledged is lost and nothing happens twice while PostgreSQL and the server are killed`() async throws {
        let (end, output) = try await runProgram("waystation-bench", ["storm", "--seconds", "60", "--json"])
        #expect(end == .status(0), "\(output)")
        #expect(output.contains("\"figure\":\"lost, doubled or changed\""), "\(output)")
    }
}
