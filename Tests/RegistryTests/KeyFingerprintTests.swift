import Crypto
import Registry
import TestSupport
import Testing

@Suite struct KeyFingerprintTests {
    @Test func `a database keeps to the first keys it sees`() async throws {
        try await withDatabase { database in
            let fingerprints = KeyFingerprintStore(database)
            let (ours, others) = (Keys.random(), Keys.random())
            var answers = [try await fingerprints.exists(), try await fingerprints.accepts(ours), try await fingerprints.exists()]
            answers += [try await fingerprints.accepts(others), try await fingerprints.accepts(ours)]
            #expect(answers == [false, true, true, false, true])
        }
    }
}
