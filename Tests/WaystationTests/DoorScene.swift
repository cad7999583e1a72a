import Crypto
import FoundationEssentials
import Glibc
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime
import Stations
import TestSupport
import Testing

/// The service on a port, one station with one door, and controllers as processes.
struct DoorScene {
    let service: TestService
    let server: HTTPServer
    let folder: String
    let accessPoint: ID<AccessPoint>
    let station: ID<Station>
    let members: [Int64]

    var issuer: MemberCodeIssuer { MemberCodeIssuer(service.keys) }

    func code(_ member: Int64, ageSeconds: Int64 = 0) -> String {
        issuer.issue(memberID: member, nowMicroseconds: Clock().nowMicroseconds - ageSeconds * 1_000_000).text
    }

    /// A one-time code for a device that will serve the door once it is paired.
    func pairingCode() async throws -> String {
        try await service.registry.devices.createPairing(name: "door", profile: .door, by: "test").code
    }

    /// Lets every device serve the door.
    func assignAll() async throws {
        _ = try await service.database.query(
            """
            insert into device_access_point (device_id, access_point_id) select device_id, \(accessPoint) from device
            on conflict do nothing
            """)
    }

    func door(_ arguments: [String] = []) async throws -> TestDoor {
        try TestDoor(
            ["--server", "http://127.0.0.1:\(server.port)", "--access-point", "\(accessPoint)", "--folder", folder, "--rehearse"]
                + arguments)
    }

    /// A controller that has paired already and been given its door.
    func pairedDoor(_ arguments: [String] = []) async throws -> TestDoor {
        let (_, key) = try await service.registry.devices.create(name: "door", profile: .door)
        try await assignAll()
        try Data("\(key)\n".utf8).write(to: URL(filePath: folder + "/key"))
        let door = try await door(arguments)
        // A heartbeat comes after the first sync.
        try await until { try await count("device_heartbeat") > 0 }
        return door
    }

    func count(_ table: String, _ condition: String = "true") async throws -> Int {
        try await service.database.query("select count(*) from \(raw: table) where \(raw: condition)")[0].decode(0)
    }

    /// Looks again and again until it is so.
    func until(_ isSo: () async throws -> Bool) async throws {
        while try await !isSo() { try await Task.sleep(for: .milliseconds(5)) }
    }
}

/// Runs `body` with the service on a port and a folder for a controller.
func withDoor(_ body: (DoorScene) async throws -> Void) async throws {
    try await withService { service in
        let organization: Int64 = try await service.database.query(
            "insert into organization (kind, name) values ('city', 'Debao') returning organization_id")[0].decode(0)
        _ = try await service.database.query(
            """
            insert into organization_ancestor (organization_id, ancestor_id, distance) values (\(organization), \(organization), 0)
            on conflict do nothing
            """)
        let station = try await service.stations.stations.create(
            StationDraft(organizationId: ID(organization), nameZh: "驿站"), in: service.database)
        let accessPoint = try await service.stations.accessPoints.create(
            AccessPointDraft(name: "front"), station: station.id, in: service.database)
        var members: [Int64] = []
        for row in try await service.database.query(
            """
            insert into member (organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
            select \(organization), 'active', 'courier', 'platform', 'male', '1990-01-01', false, false from generate_series(1, 4)
            returning member_id
            """)
        { members.append(try row.decode(0)) }
        let server = HTTPServer(
            service.api, loops: service.database.loops, configuration: HTTPServer.Configuration(host: "127.0.0.1", port: 0))
        try await server.start()
        let folder = "/var/tmp/waystation-door-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let outcome: Swift.Result<Void, any Error>
        do {
            outcome = .success(
                try await body(
                    DoorScene(
                        service: service, server: server, folder: folder, accessPoint: accessPoint.id, station: station.id,
                        members: members)))
        } catch { outcome = .failure(error) }
        await server.stop(grace: .seconds(1))
        try FileManager.default.removeItem(atPath: folder)
        try outcome.get()
    }
}

/// `waystation door` as a process.
final class TestDoor: Sendable {
    struct Line: Decodable, Sendable {
        let requestId: String?
        let open: Bool?
        let decidedBy: String?
        let reasons: [String]?
        let door: String?
        let time: String
    }

    let process: ChildProcess
    private let input: CInt
    private let output: CInt
    private let errors: String

    // A test that failed in the middle leaves no controller behind.
    deinit { process.send(SIGKILL) }

    init(_ arguments: [String]) throws {
        var (toDoor, fromDoor): ([CInt], [CInt]) = ([-1, -1], [-1, -1])
        try #require(pipe(&toDoor) == 0 && pipe(&fromDoor) == 0)
        for end in [toDoor[1], fromDoor[0]] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        errors = "/var/tmp/waystation-door-errors-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let log = open(errors, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        process = try ChildProcess.start(
            try programPath("waystation"), ["door", "--output", "json", "--log-format", "json"] + arguments,
            environment: programEnvironment, input: toDoor[0], output: fromDoor[1], errors: log)
        for end in [toDoor[0], fromDoor[1], log] { close(end) }
        (input, output) = (toDoor[1], fromDoor[0])
    }

    func type(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        #expect(write(input, bytes, bytes.count) == bytes.count)
    }

    /// The next line that it says; waits for it, but not for ever.
    func hear() async throws -> Line {
        let output = output
        let bytes = try await onThread(name: "hear") {
            var line: [UInt8] = []
            var byte: UInt8 = 0
            var ready = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            while poll(&ready, 1, 30_000) == 1, read(output, &byte, 1) == 1, byte != 0x0A { line.append(byte) }
            return line
        }.get()
        return try JSONDecoder().decode(Line.self, from: Data(bytes))
    }

    /// Scans a code and hears the decision.
    func scan(_ code: String) async throws -> Line {
        type(code)
        return try await hear()
    }

    func stop() async throws -> (ChildProcess.Waited, log: String) {
        process.send(SIGTERM)
        return try await ended()
    }

    func kill() async throws {
        process.send(SIGKILL)
        _ = try await ended()
    }

    func closeInput() { close(input) }

    func ended() async throws -> (ChildProcess.Waited, log: String) {
        let process = process
        let waited = try await onThread(name: "wait") { process.wait(timeout: .seconds(180)) }.get()
        let log = FileManager.default.contents(atPath: errors).map { String(decoding: $0, as: UTF8.self) } ?? ""
        try FileManager.default.removeItem(atPath: errors)
        return (waited, log)
    }
}
