import Browser
import HTTP
import Runtime
import TestSupport
import Testing

/// A page of this house's kind over HTTP on this machine: under a strict policy, with a script, a service worker and a cookie.
enum PageServer {
    static func serve<Value>(_ body: (_ address: String) async throws -> Value) async throws -> Value {
        let server = HTTPServer(
            API(routes: routes), loops: TestLoops.all, configuration: HTTPServer.Configuration(host: "127.0.0.1", port: 0))
        try await server.start()
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body("http://127.0.0.1:\(server.port)")) } catch { outcome = .failure(error) }
        await server.stop(grace: .zero)
        return try outcome.get()
    }

    private static let policy = [
        "default-src 'none'", "script-src 'self'", "connect-src 'self'", "img-src data:", "media-src *", "worker-src 'self'",
        "require-trusted-types-for 'script'",
    ].joined(separator: "; ")

    private static func answer(_ path: String, _ type: String, _ text: String) -> Route {
        Route(.get, path, summary: "A file", access: .anyone, responses: [.bytes(200, [type], "The file")]) { _ in
            .bytes(Array(text.utf8), contentType: type).with("Content-Security-Policy", policy).with("Set-Cookie", cookie)
        }
    }

    private static let cookie = "page=1; Path=/; HttpOnly; SameSite=Strict"

    private static let routes = [
        answer("/", "text/html", page),
        answer("/page.js", "text/javascript", script),
        answer("/worker.js", "text/javascript", worker),
        answer("/words", "text/plain", "came"),
        answer("/favicon.ico", "image/png", ""),
    ]

    private static let page = """
        <!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <link rel="icon" href="data:,"><title>驿站</title>
        <h1>驿站</h1><p id="hidden" hidden>未见</p>
        <form><label>姓名 <input id="name" value="王"></label><label><input type="checkbox" id="agree"> 同意</label>
        <button type="button" id="greet">问好</button></form>
        <p id="said" class="a b" data-kind="greeting"></p><p id="key"></p><p id="net"></p>
        <a href="/words">再来</a><button type="button" id="fetch">取</button>
        <a href="data:text/csv,a%2Cb" download="list.csv">表</a>
        <script src="/page.js"></script></html>
        """

    private static let script = """
        const by = id => document.getElementById(id);
        by('greet').onclick = () => setTimeout(() => {
            by('said').textContent = '你好，' + by('name').value; by('hidden').hidden = false;
        }, 50);
        document.onkeydown = event => { by('key').textContent += event.key + ' '; };
        by('fetch').onclick = () => fetch('/words').then(answer => answer.text()).catch(error => 'failed')
            .then(text => by('net').textContent = text);
        """

    private static let worker = """
        self.oninstall = () => self.skipWaiting();
        self.onactivate = event => event.waitUntil(self.clients.claim());
        self.onfetch = event => event.respondWith(fetch(event.request).catch(() => new Response('kept')));
        """
}

/// A document as an address, for pages that need no server.
func address(ofPage html: String) -> String {
    let free = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
    let hex = Array("0123456789ABCDEF")
    let coded = html.utf8.map { byte in
        free.contains(byte) ? String(UnicodeScalar(byte)) : "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
    }
    return "data:text/html;charset=utf-8," + coded.joined()
}
