import Postgres
import Runtime
import TestSupport
import Testing

@testable import Programs
@testable import Registry

/// What is done for each application goes by keys.
@Suite struct ApplicationPlanTests {
    @Test func `applying reads every table by its keys, whoever comes`() async throws {
        try await withPrograms { scene in
            let sessions = (1...300).map { ProgramSession(number: Int32($0), title: "场 \($0)", capacity: 5) }
            let rules = ProgramRules(eligibility: [.organization([scene.city]), .not(.benefit(family: "checkup", period: "2025"))])
            let program = try await scene.announced(quota: 1_500, rules: rules, sessions: sessions, family: "checkup")
            let members = try await scene.members(3_000)
            let store = scene.at(hours: 2).programs.applications
            func requests(_ some: some Sequence<ID<Member>>) -> [ApplyRequest] {
                some.map { ApplyRequest(memberID: $0, programID: program, wishes: [1, 200, 301], subject: "test") }
            }
            func known(_ some: some Sequence<ID<Member>>) -> [ApplyRequest] {
                some.map { ApplyRequest(memberID: $0, programID: program, wishes: [1, 200, 300], subject: "test") }
            }
            _ = try await store.apply(batch: known(members.prefix(1_500)), in: scene.database)
            _ = try await scene.database.query("analyze")
            let batch = known(members[1_480..<1_520]) + requests(members[1_520..<1_530])
            let reads = try await tableReads(scene.database) { (transaction) async throws(PostgresError) in
                _ = try await store.apply(batch: batch, in: transaction)
            }
            #expect(reads.whole.isEmpty, "\(reads.whole)")
            for (table, rows) in reads.byKey { #expect(rows <= batch.count * 16, "\(rows) rows of \(table)") }
        }
    }
}
