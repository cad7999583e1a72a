import Testing

@testable import Programs

@Suite struct ProgramStateTests {
    @Test func `nothing leads out of an ended or a cancelled program`() {
        for step in ProgramState.Step.allCases {
            #expect(ProgramState.ended.after(step) == nil)
            #expect(ProgramState.cancelled.after(step) == nil)
        }
    }

    @Test func `no run is published without a review`() {
        #expect(ProgramState.run.after(.publish) == nil)
        #expect(ProgramState.reviewed.after(.publish) == .published)
        #expect(ProgramState.reviewed.after(.run) == .run)
    }
}
