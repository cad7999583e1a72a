import Insurance
import Postgres
import Runtime
import TestSupport
import Testing

struct PolicyReferenceTests {
    @Test func `a reference is read as it was written, and no slip of one digit or of two neighbours names another policy`() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let reference = PolicyReference(
                batchID: ID(Int64.random(in: 1...9_999, using: &random)), policyID: ID(Int64.random(in: 1...99_999_999, using: &random)))
            let text = Array(reference.description)
            #expect(PolicyReference(reference.description) == reference)
            for place in text.indices where text[place] != "-" {
                for digit in "0123456789" where digit != text[place] {
                    var slipped = text
                    slipped[place] = digit
                    #expect(PolicyReference(String(slipped)) == nil, "\(String(slipped)) for \(reference)")
                }
                guard place + 1 < text.count, text[place + 1] != "-", text[place] != text[place + 1] else { continue }
                var swapped = text
                swapped.swapAt(place, place + 1)
                #expect(PolicyReference(String(swapped)) == nil, "\(String(swapped)) for \(reference)")
            }
        }
        for text in ["", "1-2", "1-2-3", "1-2-003", "a-2-33", "1--33", "1-2-33-4", "01-2-33", "99999999999999999999-1-11"] {
            #expect(PolicyReference(text) == nil, "\(text)")
        }
    }
}
