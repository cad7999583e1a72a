import Runtime
import Testing

@testable import HTTP

struct NetworkAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("192.0.2.1:443", "192.0.2.1"), ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8:0::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8::1", "2001:db8::1"),
    ])
    func `an address is read however it is written`(text: String, same: String) {
        let address = NetworkAddress(text)
        #expect(address == NetworkAddress(same) && address?.bytes.count == 16)
    }

    @Test(arguments: ["", "unknown", "_hidden", "192.0.2", "192.0.2.256", "[::1", "1:2", "a.example", "192.0.2.1, 192.0.2.2"])
    func `what is no address is none`(text: String) {
        #expect(NetworkAddress(text) == nil)
    }

    @Test func `a subscriber is an IPv4 address or the half of an IPv6 one`() {
        #expect(NetworkAddress("2001:db8:1:2::1")?.subscriber == NetworkAddress("2001:db8:1:2:ffff::9")?.subscriber)
        #expect(NetworkAddress("2001:db8:1:2::1")?.subscriber != NetworkAddress("2001:db8:1:3::1")?.subscriber)
        #expect(NetworkAddress("192.0.2.1")?.subscriber != NetworkAddress("192.0.2.2")?.subscriber)
        #expect(NetworkAddress("192.0.2.1")?.bytes == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 1])
    }

    @Test(
        arguments: [
            (0, "198.51.100.7", "203.0.113.9"), (1, nil, "203.0.113.9"), (1, "198.51.100.7", "198.51.100.7"),
            (1, "192.0.2.66, 198.51.100.7", "198.51.100.7"), (2, "192.0.2.66, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
            (2, "198.51.100.7", "203.0.113.9"), (1, "unknown", "203.0.113.9"), (1, "198.51.100.7, ", "203.0.113.9"),
        ] as [(Int, String?, String)])
    func `only what the proxies in front have added is believed`(proxies: Int, field: String?, client: String) {
        let peer = Peer(address: NetworkAddress("203.0.113.9"), proxies: proxies)
        let headers = Headers(field.map { [("X-Forwarded-For", $0)] } ?? [])
        #expect(peer.client(headers) == NetworkAddress(client))
    }

    @Test func `a handler learns where a connection comes from`() async throws {
        let route = Route(.get, "/v1/where", summary: "Where from", access: .anyone, responses: [.text(200, "Bytes")]) { request in
            .text(request.clientAddress?.bytes.suffix(4).map(String.init).joined(separator: ".") ?? "nowhere")
        }
        let loop = try EventLoop.start(name: "address")
        let server = HTTPServer(
            API(routes: [route], proxies: 1), loops: [loop], configuration: HTTPServer.Configuration(host: "127.0.0.1", port: 0))
        try await server.start()
        let client = try BlockingClient(port: server.port)
        #expect(try client.call(.get, "/v1/where")?.text == "127.0.0.1")
        #expect(try client.call(.get, "/v1/where", headers: [("X-Forwarded-For", "192.0.2.66,198.51.100.7")])?.text == "198.51.100.7")
        await server.stop(grace: .seconds(1))
        let direct = TestClient(API(routes: [route]), loop: loop, address: NetworkAddress("192.0.2.3"))
        #expect(await direct.send(.get, "/v1/where").text == "192.0.2.3")
        loop.shutDown()
    }
}
