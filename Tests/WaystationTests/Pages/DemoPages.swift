import FoundationEssentials
import Glibc
import HTTP
import Registry
import Runtime
import Testing

@testable import waystation

/// The demo's pages, where there is something of everything: who may look, and at what.
struct DemoPages: Sendable {
    let address: String
    let state: DemoState
    /// Keys of tablets, by what they are for.
    let devices: [String: String]
    private let port: UInt16

    /// Runs `body` with a demo of its own.
    static func with(_ body: (DemoPages) async throws -> Void) async throws {
        let folder = "/var/tmp/waystation-demo-pages-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        defer {
            do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record("\(folder) stays behind: \(error)") }
        }
        let demo = try RunningDemo(folder: folder)
        let screen = try await demo.screen()
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(try await DemoPages(folder: folder, screen: screen))) } catch { outcome = .failure(error) }
        #expect(try await demo.stop() == .ended(.status(0)))
        try outcome.get()
    }

    private init(folder: String, screen: String) async throws {
        let bytes = try #require(FileManager.default.contents(atPath: folder + "/data/demo.json"))
        state = try JSONDecoder().decode(DemoState.self, from: bytes)
        let line = try #require(screen.split(separator: "\n").first { $0.contains("  API ") })
        address = try #require(line.split(separator: " ").dropFirst().first.map(String.init))
        port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
        var devices: [String: String] = [:]
        for profile in DeviceProfile.allCases {
            let named = screen.split(separator: "\n").first { $0.hasSuffix("   \(profile.rawValue)") }
            let code = try #require(named?.split(separator: " ").first)
            let made = try await Self.ask(port, .post, "/v1/devices", #"{"pairingCode":"\#(code)"}"#, bearer: nil)
            #expect(made.status == 201, "\(made.text)")
            devices[profile.rawValue] = try JSON.decode(Key.self, from: made.body).key
        }
        self.devices = devices
    }

    private struct Key: Decodable { let key: String }

    private static func ask(
        _ port: UInt16, _ method: HTTP.Method, _ path: String, _ body: String?, bearer: String?
    ) async throws -> BlockingClient.Answer {
        try await onThread(name: "ask") {
            Result { () throws(SystemError) in
                var headers = [("Content-Type", "application/json"), ("Idempotency-Key", UUID().uuidString)]
                if let bearer { headers.append(("Authorization", "Bearer \(bearer)")) }
                let answer = try BlockingClient(port: port).call(method, path, headers: headers, body: body.map { Array($0.utf8) } ?? [])
                guard let answer else { throw SystemError(call: "no answer to \(path)", code: EPIPE) }
                return answer
            }
        }.get().get()
    }

    /// Asks as the owner, unless told otherwise; what is refused fails the test.
    func ask<Value: Decodable>(
        _ method: HTTP.Method, _ path: String, _ body: String? = nil, bearer: String? = nil, as type: Value.Type
    ) async throws -> Value {
        let answer = try await Self.ask(port, method, path, body, bearer: bearer ?? state.ownerToken)
        #expect((200..<300).contains(answer.status), "\(path): \(answer.text)")
        return try JSON.decode(Value.self, from: answer.body)
    }

    /// Asks for something as the owner, unless told otherwise.
    func ask<Value: Decodable>(_ path: String, bearer: String? = nil, as type: Value.Type) async throws -> Value {
        try await ask(.get, path, bearer: bearer, as: type)
    }
}
