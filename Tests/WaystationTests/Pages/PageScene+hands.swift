import Browser
import HTTP
import Insurance
import MemberCode
import Postgres
import Programs
import Runtime
import Scheduler
import Testing

/// What tests do with their hands, at a page and at the database.
extension BrowserSession {
    /// Waits for a button or a way with these words, scrolls it to the middle, as a thumb does, and clicks it.
    func press(_ words: String, in css: String = "main") async throws {
        // What is drawn anew between finding and clicking is found again.
        for _ in 1..<5 {
            do {
                return try await pressOnce(words, in: css)
            } catch let error as BrowserError {
                guard error.isOfAnElementThatIsGone else { throw error }
            }
        }
        try await pressOnce(words, in: css)
    }

    private func pressOnce(_ words: String, in css: String) async throws {
        let found = try await waitUntil(
            """
            [...document.querySelectorAll(arguments[0])].flatMap(one => [...one.querySelectorAll('button, a, summary')])
                .filter(one => one.checkVisibility() && one.textContent.includes(arguments[1]) && one.ariaDisabled !== 'true').slice(0, 1)
                .map(one => { one.scrollIntoView({ block: 'center', behavior: 'instant' }); return one; })[0]
            """, [.string(css), .string(words)])
        guard let element = try elements(.array([found])).first else { return }
        try await element.click()
    }

    /// Clicks what may stand under the ways at the lower edge.
    func press(css: String) async throws {
        try await waitUntil(visible: css)
        try await run("document.querySelector(arguments[0]).scrollIntoView({ block: 'center' });", [.string(css)])
        try await find(css).click()
    }

    /// Puts a value into a field whose label begins with these words, as if it were chosen or typed.
    func fill(_ label: String, _ value: String, in css: String = "main") async throws {
        try await waitUntil(
            """
            (() => {
                const label = [...document.querySelectorAll(arguments[0] + ' label')]
                    .filter(one => one.checkVisibility() && one.textContent.trim().startsWith(arguments[1])).at(-1);
                const field = label && (document.getElementById(label.htmlFor) ?? label.querySelector('input, select, textarea'));
                if (!field) return false;
                field.value = arguments[2];
                field.dispatchEvent(new Event('input', { bubbles: true }));
                field.dispatchEvent(new Event('change', { bubbles: true }));
                return field.value === arguments[2];
            })()
            """, [.string(css), .string(label), .string(value)])
    }

    /// Says yes in the dialog that asks.
    func agree() async throws {
        try await waitUntil(visible: "dialog[open] form button[value=yes]")
        try await find("dialog[open] form button[value=yes]").click()
        try await waitUntil(gone: "dialog[open]")
    }

    /// Types as a USB scanner does: fast, anywhere on the page, ended by Enter.
    func scan(_ code: String) async throws {
        try await run(
            "for (const key of [...arguments[0], 'Enter']) dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));",
            [.string(code)])
    }
}

extension PageScene {
    /// Sends as the owner, unless told otherwise; what is refused ends the test.
    @discardableResult
    func done(_ method: HTTP.Method, _ path: String, _ body: String? = nil, bearer: String? = nil) async throws -> TestResponse {
        let answer = await city.send(method, path, body, bearer: bearer ?? service.owner)
        try #require((200..<300).contains(answer.status), "\(method.rawValue) \(path): \(answer.text)")
        return answer
    }

    /// Makes something and gives its number.
    func make(_ path: String, _ body: String) async throws -> Int64 { try await done(.post, path, body).json(Made.self).id }

    /// One value of one row.
    func value<Value: PostgresDecodable>(_ sql: SQL, as _: Value.Type = Value.self) async throws -> Value {
        try await service.database.query(sql).single.decode(0)
    }

    /// The code of a member at this moment.
    func code(_ member: Int64) -> String {
        MemberCodeIssuer(service.keys).issue(memberID: member, nowMicroseconds: Clock().nowMicroseconds).text
    }

    /// Waits for work that the page asked for, and does it.
    func work() async throws {
        let worker = JobWorker(service.database, handlers: service.programs.handlers + service.insurance.handlers, log: .silent)
        while true {
            if let job = try await service.database.query("select queued_job_id from queued_job where state = 'queued'").first {
                return try await worker.runOne(try job.decode(0))
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// A moment so many hours from now, as the API writes it.
    static func time(_ hours: Double) -> String {
        Timestamp(microseconds: Clock().nowMicroseconds + Int64(hours * 3_600_000_000)).description
    }

    /// A day in China, so many from today.
    static func day(_ days: Int) -> String {
        CalendarDate(daysSince1970: Int((Clock().nowSeconds + 8 * 3_600) / 86_400) + days).description
    }
}
