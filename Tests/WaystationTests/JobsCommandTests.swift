import FoundationEssentials
import HTTP
import Postgres
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import waystation

struct JobsCommandTests {
    @Test func `jobs are listed, shown, run, cancelled, stopped and started from the command line`() async throws {
        try await withDatabase { database in
            let name: String = try await database.query("select current_database()::text")[0].decode(0)
            let folder = "/tmp/waystation-jobs-\(UInt64.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record("\(folder) stays: \(error)") } }
            let shared = ["--database", try await TestCluster.shared.connectionString(name), "--keys", folder + "/keys.json"]
            func jobs(_ arguments: String...) async throws -> (status: ChildProcess.End, text: String) {
                let (end, output) = try await runProgram("waystation", ["jobs"] + arguments + shared)
                return (end, output)
            }
            let recurring = Job("test.nightly", every: .seconds(3_600)) { .idle }
            let scheduler = Scheduler(database, jobs: [recurring], log: .silent)
            scheduler.start()
            let stored = RecurringJobStore(database)
            while try await stored.find("test.nightly")?.leasedBy == nil { await Task.yield() }
            await scheduler.stop(grace: .seconds(1))
            let queue = QueuedJobStore(database)
            let first = try await queue.enqueue("trial.kind", subject: "program:1", key: "1", by: "account:1", in: database)
            let second = try await queue.enqueue("trial.kind", subject: "program:2", key: "1", by: "account:1", in: database)
            let refusing = QueuedJobHandler("trial.kind") { _ in throw JobRefusal("program.no_applicants") }
            await #expect(throws: JobRefusal.self) {
                try await JobWorker(database, handlers: [refusing], log: .silent).runOne(second)
            }

            let listed = try await jobs()
            #expect(listed.status == .status(0))
            for part in ["test.nightly", "60 min", "trial.kind", "program:2", "dead", "program.no_applicants"] {
                #expect(listed.text.contains(part), "\(part) in \(listed.text)")
            }
            let dead = try await jobs("--state", "dead", "--json")
            #expect(dead.text.contains("\"failure\":\"program.no_applicants\"") && !dead.text.contains("program:1"), "\(dead.text)")
            #expect(try await jobs("show", String(first)).text.contains("asked by  "))
            #expect(try await jobs("show", "test.nightly", "--json").text.contains("\"name\":\"test.nightly\""))

            #expect(try await jobs("cancel", String(first)).text.contains("Job \(first) is cancelled."))
            #expect(try await queue.find(first)?.state == .cancelled)
            let again = try await jobs("cancel", String(first))
            #expect(again.status == .status(1) && again.text.contains("is over: cancelled"))
            let unknown = try await jobs("run", String(second))
            #expect(unknown.status == .status(1) && unknown.text.contains("knows no work of the kind trial.kind"), "\(unknown.text)")

            #expect(try await jobs("run", "test.nightly").status == .status(0))
            #expect(try await stored.find("test.nightly")?.isAsked == true)
            #expect(try await jobs("stop", "test.nightly").status == .status(0))
            #expect(try await stored.find("test.nightly")?.isStopped == true)
            let stopped = try await jobs("run", "test.nightly")
            #expect(stopped.status == .status(1) && stopped.text.contains("jobs start test.nightly"))
            #expect(try await jobs("start", "test.nightly").status == .status(0))
            #expect(try await stored.find("test.nightly")?.isStopped == false)

            for (arguments, sentence) in [
                (["show", "4711"], "there is no job 4711"), (["show", "test.nigthly"], "did you mean test.nightly?"),
                (["stop", "4711"], "there is no job 4711"), (["cancel", "test.nightly"], "jobs stop test.nightly"),
            ] {
                let (status, text) = try await runProgram("waystation", ["jobs"] + arguments + shared)
                #expect(status == .status(1) && text.contains(sentence), "\(text)")
            }
            let wrong = try await jobs("sohw")
            #expect(wrong.status == .status(2), "\(wrong.text)")
            let actions = try await database.query(
                "select action || ' ' || subject || ' ' || actor from audit_entry where action like 'job.%' order by entry_id")
            #expect(
                try actions.map { try $0.decode(0, as: String.self) } == [
                    "job.cancel_asked job:\(first) command:jobs", "job.run_asked job:test.nightly command:jobs",
                    "job.stopped job:test.nightly command:jobs", "job.started job:test.nightly command:jobs",
                ])
        }
    }

    @Test func `the queue stands among the metrics`() async throws {
        try await withService { service in
            let worker = JobWorker(service.database, handlers: [], log: .silent)
            worker.show(in: service.metrics)
            _ = try await QueuedJobStore(service.database).enqueue(
                "trial.kind", subject: "program:1", key: "1", dueAt: Timestamp(microseconds: 0), by: "test", in: service.database)
            worker.start()
            while worker.figures.queued == 0 { await Task.yield() }
            let text = service.metrics.text()
            #expect(text.contains("waystation_jobs_queued 1.0") && text.contains("waystation_jobs_dead 0.0"), "\(text)")
            #expect(worker.figures.oldestDueSeconds > 1_000_000)
            await worker.stop(grace: .seconds(1))
        }
    }
}
