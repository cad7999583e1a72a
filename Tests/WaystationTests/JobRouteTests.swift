import HTTP
import Postgres
import Registry
import Runtime
import Scheduler
import Testing

/// What organizers see of queued jobs, and do with them.
struct JobRouteTests {
    private struct Shown: Decodable {
        struct Progress: Decodable {
            let done: Int64
            let total: Int64
            let phase: String
        }
        let id: Int64
        let state: String
        let subject: String
        let progress: Progress?
        let failure: String?
        let isCancelAsked: Bool
        let attempts: Int
    }
    private struct Page: Decodable {
        let items: [Shown]
        let next: String?
    }

    @Test func `progress, end and failure of a job are shown, and a job is cancelled and run again`() async throws {
        try await withService { service in
            let (database, queue) = (service.database, QueuedJobStore(service.database))
            func enqueue(_ number: Int) async throws -> Int64 {
                try await queue.enqueue("trial", subject: "program:\(number)", key: "1", by: "account:1", in: database)
            }
            @Sendable func read(_ id: Int64) async throws -> Shown {
                try await service.client.send(.get, "/v1/jobs/\(id)", bearer: service.owner).json(Shown.self)
            }
            @Sendable func post(_ id: Int64, _ what: String) async -> TestResponse {
                await service.client.send(.post, "/v1/jobs/\(id)/\(what)", bearer: service.owner)
            }
            let (first, second, third) = (try await enqueue(1), try await enqueue(2), try await enqueue(3))
            let worker = JobWorker(
                database,
                handlers: [
                    QueuedJobHandler("trial") { lease in
                        if lease.subject == "program:2" { throw JobRefusal("program.no_applicants") }
                        try await lease.progress(3, of: 4, phase: "sharing")
                        let shown = try await read(lease.id)
                        #expect(shown.state == "running" && shown.progress?.done == 3 && shown.progress?.total == 4)
                        #expect(shown.progress?.phase == "sharing" && shown.attempts == 1)
                        #expect(await post(lease.id, "run").problemCode == "job.running")
                    }
                ], log: .silent)
            try await worker.runOne(first)
            #expect(try await read(first).state == "done")
            #expect(await post(first, "run").problemCode == "job.over")
            #expect(await post(first, "cancel").problemCode == "job.over")
            await #expect(throws: JobRefusal.self) { try await worker.runOne(second) }
            let dead = try await read(second)
            #expect(dead.state == "dead" && dead.failure == "program.no_applicants")
            #expect(await post(second, "run").status == 202)
            #expect(try await read(second).state == "queued")
            #expect(try await post(third, "cancel").json(Shown.self).state == "cancelled")
            let running = QueuedJobHandler("trial") { lease in
                let asked = try await post(lease.id, "cancel").json(Shown.self)
                #expect(asked.isCancelAsked)
            }
            await #expect(throws: JobCancelled.self) {
                try await JobWorker(database, handlers: [running], log: .silent).runOne(second)
            }
            #expect(try await read(second).state == "cancelled")
            #expect(await post(4_711, "cancel").problemCode == "job.not_found")

            let page = try await service.client.send(.get, "/v1/jobs?limit=2", bearer: service.owner).json(Page.self)
            #expect(page.items.map(\.id) == [third, second] && page.next == String(second))
            let rest = try await service.client.send(.get, "/v1/jobs?after=\(second)", bearer: service.owner).json(Page.self)
            #expect(rest.items.map(\.id) == [first] && rest.next == nil)
            let done = try await service.client.send(.get, "/v1/jobs?state=done", bearer: service.owner).json(Page.self)
            #expect(done.items.map(\.id) == [first])
            let actions = try await database.query(
                "select action || ' ' || subject from audit_entry where action like 'job.%' order by entry_id")
            #expect(
                try actions.map { try $0.decode(0, as: String.self) } == [
                    "job.run_asked job:\(second)", "job.cancel_asked job:\(third)", "job.cancel_asked job:\(second)",
                ])
        }
    }

    @Test func `who is there for a subtree sees the jobs that they asked for, and no other`() async throws {
        try await withService { service in
            let city = try #require(try await service.registry.organizations.ensure(.init(kind: .city, name: "德保")))
            let token = try await RoleTests.account(service, "manager", .manager, in: city.id)
            let account: Int64 = try await service.database.query("select max(account_id) from account")[0].decode(0)
            let queue = QueuedJobStore(service.database)
            let own = try await queue.enqueue("trial", subject: "program:1", key: "1", by: "account:\(account)", in: service.database)
            let foreign = try await queue.enqueue("trial", subject: "program:2", key: "1", by: "account:999", in: service.database)
            let page = try await service.client.send(.get, "/v1/jobs", bearer: token).json(Page.self)
            #expect(page.items.map(\.id) == [own])
            #expect(await service.client.send(.get, "/v1/jobs/\(own)", bearer: token).status == 200)
            #expect(await service.client.send(.get, "/v1/jobs/\(foreign)", bearer: token).problemCode == "job.not_found")
            for what in ["run", "cancel"] {
                let refused = await service.client.send(.post, "/v1/jobs/\(foreign)/\(what)", bearer: token)
                #expect(refused.problemCode == "job.not_found")
            }
            #expect(try await queue.find(foreign)?.state == .queued)
        }
    }
}
