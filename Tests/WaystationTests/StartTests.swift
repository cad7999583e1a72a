import FoundationEssentials
import Glibc
import Postgres
import Runtime
import TestSupport
import Testing

@testable import HTTP

/// What a start refuses, before it did anything.
struct StartTests {
    @Test(arguments: ["demo", "serve"]) func `a taken port is told at once, before anything is made`(_ command: String) async throws {
        let taken = try ListeningSocket.open(host: "127.0.0.1", port: 0, isShared: false)
        defer { close(taken) }
        let port = try ListeningSocket.port(of: taken)
        let folder = "/var/tmp/waystation-start-test-\(command)-\(getpid())"
        let (end, output) = try await runProgram("waystation", [command, "--port", "\(port)", "--data", folder])
        #expect(end == .status(1) && output.contains("port \(port)") && output.contains("--port"), "\(output)")
        for made in [folder, folder + "-demo"] { #expect(!FileManager.default.fileExists(atPath: made)) }
    }

    @Test func `a database that cannot hold every name is refused before anything is written`() async throws {
        try await withEmptyDatabase { database in
            let name = "ascii_\(getpid())"
            _ = try await database.query("create database \(raw: name) encoding 'SQL_ASCII' locale 'C' template template0")
            let folder = "/var/tmp/waystation-start-test-\(getpid())"
            let (end, output) = try await runProgram(
                "waystation",
                [
                    "serve", "--port", "0", "--data", folder, "--database", try await TestCluster.shared.connectionString(name),
                ])
            #expect(end == .status(1) && output.contains("SQL_ASCII") && output.contains("-E UTF8"), "\(output)")
            _ = try await database.query("drop database \(raw: name)")
            try? FileManager.default.removeItem(atPath: folder)
        }
    }
}
