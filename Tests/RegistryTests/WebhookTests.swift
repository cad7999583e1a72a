import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Runtime
import Scheduler
import Synchronization
import TestSupport
import Testing

@testable import Registry

@Suite struct WebhookTests {
    private final class Countdown: Sendable { let count = Atomic(3) }

    @Test func `an event arrives once, signed, with its kind, time and subject`() async throws {
        try await withWebhookScene { scene in
            let (id, secret) = try await scene.addReceiver()
            try await scene.emit("member:1", 7)
            try await scene.deliver(events: 1)
            let receipt = try #require(scene.receiver.receipts.first)
            #expect(scene.receiver.receipts.count == 1 && receipt.isSigned(by: secret) && UUID(uuidString: receipt.id) != nil)
            struct Body: Decodable {
                let type: String
                let timestamp: String
                let subject: String
                let data: [String: Int]
            }
            let body = try JSON.decode(Body.self, from: receipt.body)
            #expect(body.type == "member.joined" && body.subject == "member:1" && body.data == ["n": 7])
            #expect(Timestamp(dateTime: body.timestamp) != nil)
            let log = try await scene.call(.get, "/\(id)/deliveries").json(WebhookDeliveryList.self).items
            #expect(log.map(\.state) == [.delivered] && log.first?.lastStatus == 200 && log.first?.attempts == 1)
        }
    }

    @Test(arguments: SeededGenerator.seeds(2))
    func `whatever fails, every committed event arrives, in the order of its subject, and none that was rolled back`(
        seed: UInt64
    ) async throws {
        try await withWebhookScene { scene in
            let (_, secret) = try await scene.addReceiver()
            let random = Mutex(SeededGenerator(seed: seed))
            let chance: @Sendable (Int) -> Bool = { percent in random.withLock { $0.chance(percent) } }
            scene.receiver.answer { _ in chance(30) ? [500, 429, 302, 404].randomElement() ?? 500 : 200 }
            let writersLeft = Countdown()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<3 {
                    group.addTask {
                        struct RolledBack: Error {}
                        for number in 1...12 {
                            let isUndone = chance(25)
                            do {
                                try await scene.database.transaction { transaction in
                                    try await scene.emit("member:\(writer)", isUndone ? -number : number, in: transaction)
                                    try await scene.emit("station:\(writer)", isUndone ? -number : number, in: transaction)
                                    if isUndone { throw RolledBack() }
                                }
                            } catch TransactionError<any Error>.aborted(is RolledBack) {
                                continue
                            }
                        }
                        writersLeft.count.subtract(1, ordering: .relaxed)
                    }
                }
                for _ in 0..<2 {
                    group.addTask {
                        while true {
                            let isLast = writersLeft.count.load(ordering: .relaxed) == 0
                            _ = try await scene.webhooks.enqueue()
                            _ = try await scene.webhooks.deliver()
                            let left: Int = try await scene.database.query(
                                "select count(*) from outbox_event where enqueued_at is null")[0].decode(0)
                            if isLast, left == 0, try await scene.count("state = 'waiting'") == 0 { return }
                        }
                    }
                }
                group.addTask {
                    // The receiver is killed, and comes back where it was.
                    for _ in 0..<3 {
                        let seen = scene.receiver.receipts.count
                        while scene.receiver.receipts.count < seen + 10, writersLeft.count.load(ordering: .relaxed) > 0 {
                            await Task.yield()
                        }
                        await scene.receiver.stop()
                        try await scene.receiver.start()
                    }
                }
                try await group.waitForAll()
            }
            var expected: [String: [Int]] = [:]
            struct Data: Decodable { let n: Int }
            for row in try await scene.database.query("select subject, data from outbox_event order by transaction_id, event_id") {
                let data = try JSON.decode(Data.self, from: Array(try row.decode(1, as: String.self).utf8))
                expected[try row.decode(0), default: []].append(data.n)
            }
            struct Body: Decodable {
                let subject: String
                let data: Data
            }
            var arrived: [String: [Int]] = [:]
            for receipt in scene.receiver.receipts {
                #expect(receipt.isSigned(by: secret))
                let body = try JSON.decode(Body.self, from: receipt.body)
                #expect(body.data.n > 0, "of a transaction that was rolled back, seed \(seed)")
                var numbers = arrived[body.subject] ?? []
                let position = expected[body.subject]?.firstIndex(of: body.data.n) ?? -1
                #expect(position >= 0 && position <= numbers.count, "before its turn: \(body), seed \(seed)")
                if receipt.status == 200, position == numbers.count { numbers.append(body.data.n) }
                arrived[body.subject] = numbers
            }
            #expect(arrived == expected, "seed \(seed)")
            #expect(try await scene.count("state <> 'delivered'") == 0)
        }
    }

    @Test func `a sender killed between sending and writing it down sends it again under the same id`() async throws {
        try await withWebhookScene { scene in
            _ = try await scene.addReceiver()
            try await scene.emit("member:1", 1)
            try await scene.emit("member:1", 2)
            while try await scene.count("true") < 2 { _ = try await scene.webhooks.enqueue() }
            let leased = try await scene.webhooks.deliveries.lease(count: 10, perEndpoint: 10)
            #expect(leased.count == 2)
            #expect(try await scene.webhooks.deliveries.lease(count: 10, perEndpoint: 10).isEmpty)
            let outcomes = try await onThread(name: "sender") { scene.webhooks.sender.send(leased) }.get()
            #expect(outcomes.map(\.result) == [.delivered, .delivered])
            // Here it is killed. Nobody else sends it while the lease runs.
            #expect(try await scene.webhooks.deliver() == .idle)
            _ = try await scene.database.query("update webhook_delivery set leased_until = clock_timestamp() - interval '1 second'")
            try await scene.deliver(events: 2)
            let ids = scene.receiver.receipts.map(\.id)
            #expect(ids.count == 4 && Array(ids[..<2]) == Array(ids[2...]) && ids[0] != ids[1])
            #expect(try await scene.count("state = 'delivered'") == 2)
        }
    }

    @Test func `after its last try a delivery is a dead letter, what waited behind it goes on, and it can be sent again by hand`()
        async throws
    {
        try await withWebhookScene { scene in
            let (id, _) = try await scene.addReceiver()
            scene.receiver.answer { $0.contains("\"n\":1}") ? 500 : 200 }
            try await scene.emit("member:1", 1)
            try await scene.emit("member:1", 2)
            var webhooks = scene.webhooks
            webhooks.sender = WebhookSender(
                allowsPrivate: true, retry: WebhookRetry(delays: [.zero, .zero], delaysOfExpiring: [], rests: [.zero]), clock: Clock())
            while try await scene.count("true") < 2 { _ = try await webhooks.enqueue() }
            while try await webhooks.deliver() == .more {}
            #expect(scene.receiver.receipts.map(\.status) == [500, 500, 500, 200])
            let dead = try await scene.call(.get, "/\(id)/deliveries?state=dead").json(WebhookDeliveryList.self).items
            #expect(dead.count == 1 && dead.first?.attempts == 3 && dead.first?.lastStatus == 500 && dead.first?.lastAnswer != nil)
            scene.receiver.answer { _ in 200 }
            let letter = try #require(dead.first?.id)
            #expect(await scene.call(.post, "/\(id)/deliveries/\(letter)/resend").status == 202)
            #expect(await scene.call(.post, "/\(id)/deliveries/999/resend").problemCode == "webhook.delivery_not_found")
            while try await webhooks.deliver() == .more {}
            #expect(scene.receiver.receipts.last?.text.contains("\"n\":1}") == true)
            let first: Int64 = try await scene.database.query("select min(event_id) from outbox_event")[0].decode(0)
            let replayed = await scene.call(.post, "/\(id)/replay", #"{"fromEventId":\#(first)}"#)
            #expect(try replayed.json(WebhookReplayAnswer.self).deliveries == 2)
            while try await webhooks.deliver() == .more {}
            #expect(scene.receiver.receipts.suffix(2).map { $0.text.contains("\"n\":1}") } == [true, false], "in their order")
        }
    }

    @Test func `a receiver that says it is gone gets nothing more until it is activated, a paused one gets it later`() async throws {
        try await withWebhookScene { scene in
            let (id, _) = try await scene.addReceiver()
            scene.receiver.answer { _ in 410 }
            for number in 1...3 { try await scene.emit("member:\(number)", number) }
            try await scene.deliver(events: 3)
            let gone = try await scene.call(.get, "/\(id)").json(WebhookEndpointAnswer.self)
            #expect(gone.state == .disabled && gone.disabledReason == "gone")
            #expect(try await scene.count("state = 'waiting'") == 0)
            scene.receiver.answer { _ in 200 }
            try await scene.emit("member:4", 4)
            let before = scene.receiver.receipts.count
            try await scene.deliver(events: 4)
            #expect(scene.receiver.receipts.count == before)

            #expect(try await scene.call(.patch, "/\(id)", #"{"state":"paused"}"#).json(WebhookEndpointAnswer.self).disabledReason == nil)
            try await scene.emit("member:5", 5)
            try await scene.deliver(events: 5)
            #expect(scene.receiver.receipts.count == before)
            #expect(await scene.call(.patch, "/\(id)", #"{"state":"active"}"#).status == 200)
            try await scene.deliver(events: 5)
            #expect(scene.receiver.receipts.count == before + 1 && scene.receiver.receipts.last?.text.contains("\"n\":5}") == true)
            #expect(await scene.call(.delete, "/\(id)").status == 204)
            #expect(await scene.call(.get, "/\(id)").problemCode == "webhook.endpoint_not_found")
            try await scene.emit("member:6", 6)
            try await scene.deliver(events: 6)
            #expect(scene.receiver.receipts.count == before + 1)
        }
    }

    @Test func `a new secret signs at once, and the one of before beside it until its end`() async throws {
        try await withWebhookScene { scene in
            let (id, old) = try await scene.addReceiver()
            let new = try await scene.call(.post, "/\(id)/rotate-secret", "{}").json(WebhookSecretAnswer.self).secret
            #expect(await scene.call(.post, "/\(id)/test").status == 202)
            try await scene.deliver(events: 1)
            let both = try #require(scene.receiver.receipts.last)
            #expect(both.isSigned(by: old) && both.isSigned(by: new) && both.signatures.count == 2)
            #expect(both.text.contains("webhook.test"))
            let last = try await scene.call(.post, "/\(id)/rotate-secret", #"{"overlapSeconds":0}"#).json(WebhookSecretAnswer.self).secret
            #expect(await scene.call(.post, "/\(id)/test").status == 202)
            try await scene.deliver(events: 2)
            let one = try #require(scene.receiver.receipts.last)
            #expect(one.isSigned(by: last) && !one.isSigned(by: new) && one.signatures.count == 1)
            let stored = try await scene.database.query("select encode(secret_sealed, 'escape') from webhook_endpoint")[0]
            #expect(!(try stored.decode(0, as: String.self)).contains(last.dropFirst(6)))
        }
    }

    @Test func `a message that holds personal data goes only to who names it, is wiped after, and never sent once it expired`() async throws
    {
        try await withWebhookScene { scene in
            _ = try await scene.addReceiver()
            let (named, _) = try await scene.addReceiver(#"["message.requested"]"#)
            func request(_ phone: String, validSeconds: Int64) async throws {
                try await scene.registry.outbox.emitSealed(
                    "message.requested", subject: "sign_in:1", organization: nil, data: ["phone": phone], validSeconds: validSeconds,
                    in: scene.database)
            }
            func sealed() async throws -> Int {
                try await scene.database.query("select count(*) from outbox_event where data_sealed is not null")[0].decode(0)
            }
            try await request("13800138000", validSeconds: 300)
            #expect(try await sealed() == 1)
            try await scene.deliver(events: 1)
            #expect(scene.receiver.receipts.count == 1 && scene.receiver.receipts.first?.text.contains("13800138000") == true)
            #expect(try await sealed() == 0, "wiped")
            let log = try await scene.call(.get, "/\(named)/deliveries").json(WebhookDeliveryList.self).items
            #expect(log.map(\.state) == [.delivered] && log.first?.lastAnswer == nil, "the receiver repeats what it got")
            try await request("13900139000", validSeconds: 0)
            try await scene.deliver(events: 2)
            #expect(scene.receiver.receipts.count == 1)
            #expect(try await scene.count("state = 'dropped'") == 1)
            _ = try await scene.webhooks.sweep()
            #expect(try await sealed() == 0)
        }
    }

    @Test func `a member asks for a code, the receiver of messages gets it, and it signs in`() async throws {
        try await withWebhookScene { scene in
            let (_, secret) = try await scene.addReceiver(#"["message.requested"]"#)
            func post(_ path: String, _ body: String, bearer: String? = nil) async -> TestResponse {
                await scene.client.send(.post, path, bearer: bearer, body: Array(body.utf8), contentType: "application/json")
            }
            let city = try #require(try await scene.registry.organizations.ensure(Organization.Draft(kind: .city, name: "德保")))
            let member = #"{"organizationId":\#(city.id),"name":"张三","nationalId":"11010519491231002X","phone":"13800138000"}"#
            #expect(await post("/v1/members", member, bearer: scene.owner).status == 201)
            #expect(await post("/v1/member-sessions/codes", #"{"phone":"13800138000"}"#).status == 202)
            for job in scene.registry.jobs where job.name == "sign_in_codes.send" { _ = try await job.run() }
            try await scene.deliver(events: 2)
            let receipt = try #require(scene.receiver.receipts.first)
            #expect(scene.receiver.receipts.count == 1 && receipt.isSigned(by: secret))
            struct Body: Decodable {
                struct Message: Decodable {
                    let phone: String
                    let parameters: [String: String]
                }
                let type: String
                let data: Message
            }
            let body = try JSON.decode(Body.self, from: receipt.body)
            #expect(body.type == "message.requested" && body.data.phone == "13800138000")
            let code = try #require(body.data.parameters["code"])
            let signedIn = await post("/v1/member-sessions", #"{"phone":"13800138000","code":"\#(code)"}"#)
            #expect(signedIn.status == 201, "\(signedIn.text)")
        }
    }

    @Test func `the seals of the audit go to a receiver that names them`() async throws {
        try await withWebhookScene { scene in
            _ = try await scene.addReceiver(#"["audit.sealed"]"#)
            var newest: AuditSeal?
            while newest == nil { newest = try await scene.registry.auditChains.seal(1)?.seal }
            try await scene.deliver(events: 1)
            let line = try #require(newest?.line)
            #expect(scene.receiver.receipts.last?.text.contains(line) == true)
        }
    }
}
