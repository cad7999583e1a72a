import Runtime
import Testing

struct ControllerStormTests {
    /// By the bench's own work, which exits with 1 at the first decision lost, doubled, changed or at a wrong time.
    @Test func `every decision reaches the server once, while controller, network and server are killed for a minute`() async throws {
        let (end, output) = try await runProgram("waystation-bench", ["door-storm", "--seconds", "60", "--json"])
        #expect(end == .status(0), "\(output)")
        #expect(output.contains("\"figure\":\"lost, doubled or at a wrong time\""), "\(output)")
    }
}
