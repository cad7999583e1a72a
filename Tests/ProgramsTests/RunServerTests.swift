import HTTP
import Postgres
import Registry
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Programs

/// Two servers, one of which dies or freezes in the middle of a run: the work is finished once.
@Suite struct RunServerTests {
    /// A server whose handler does `between` once a run is computed and about to be written, and `within` once it is written and not
    /// committed.
    private func server(
        _ scene: ProgramScene, between: @escaping @Sendable (JobLease) async throws -> Void = { _ in },
        within: @escaping @Sendable (Transaction) async throws -> Void = { _ in }
    ) -> JobWorker {
        let maker = scene.afterwards.programs.sharing.maker
        let handler = QueuedJobHandler(RunQueue.kind, attemptsMax: 3) { lease in
            let number = try #require(lease.subject.split(separator: ":").last.flatMap { Int64($0) })
            let computed = try await maker.compute(ID(number))
            try await between(lease)
            try await lease.complete { transaction in
                _ = try await maker.write(computed, by: ProgramLife.Actor(subject: "account:1"), in: transaction)
                try await within(transaction)
            }
        }
        return JobWorker(scene.database, handlers: [handler], log: .silent)
    }

    private func asked(_ scene: ProgramScene) async throws -> (id: ID<UnionProgram>, job: Int64) {
        let id = try await scene.closed(try await scene.members(50), quota: 20)
        let answer = await scene.afterwards.send(.post, "/v1/programs/\(id)/runs")
        return (id, try answer.json(RunRequestAnswer.self).id)
    }

    private func expectOneRun(_ id: ID<UnionProgram>, _ job: Int64, _ scene: ProgramScene) async throws {
        #expect(try await scene.value("select count(*) from program_run", as: Int.self) == 1)
        #expect(try await scene.value("select count(*) from program_result", as: Int.self) == 50)
        #expect(try await scene.value("select state from program where program_id = \(id)", as: String.self) == "run")
        #expect(try await scene.afterwards.programs.sharing.queue.request(job, of: id)?.state == .done)
        let told: Int = try await scene.value("select count(*) from outbox_event where type = 'program.run'")
        #expect(told == 1)
    }

    @Test func `a server that froze past its lease writes nothing when it comes back`() async throws {
        try await withPrograms { scene in
            let (id, job) = try await asked(scene)
            let second = server(scene)
            let first = server(scene) { lease in
                // Frozen: its lease runs out, another server takes the job and ends it.
                _ = try await scene.database.query(
                    "update queued_job set leased_until = clock_timestamp() - interval '1 second' where queued_job_id = \(lease.id)")
                try await second.runOne(lease.id)
            }
            await #expect(throws: JobLeaseLost.self) { try await first.runOne(job) }
            try await expectOneRun(id, job, scene)
        }
    }

    @Test func `a server that dies while it writes leaves nothing, and another makes the run`() async throws {
        try await withPrograms { scene in
            let (id, job) = try await asked(scene)
            let first = server(
                scene,
                within: { transaction in
                    let backend = try await transaction.query("select pg_backend_pid()")[0].decode(0, as: Int32.self)
                    _ = try await scene.database.query("select pg_terminate_backend(\(backend))")
                })
            await #expect(throws: (any Error).self) { try await first.runOne(job) }
            #expect(try await scene.value("select count(*) from program_result", as: Int.self) == 0)
            try await server(scene).runOne(job)
            try await expectOneRun(id, job, scene)
        }
    }

    @Test func `a run that is called off while it computes writes nothing`() async throws {
        try await withPrograms { scene in
            let (id, job) = try await asked(scene)
            let queue = scene.afterwards.programs.sharing.queue.queue
            let first = server(scene) { lease in _ = try await queue.cancel(lease.id) }
            await #expect(throws: JobCancelled.self) { try await first.runOne(job) }
            #expect(try await scene.value("select count(*) from program_run", as: Int.self) == 0)
            #expect(try await scene.value("select state from program where program_id = \(id)", as: String.self) == "closed")
            try await scene.run(id)
        }
    }
}
