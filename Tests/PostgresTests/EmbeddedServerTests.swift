import FoundationEssentials
import Glibc
import Runtime
import Testing

@testable import Postgres

/// A real PostgreSQL in a folder of its own for each test; psql beside the server is the independent witness.
@Suite struct EmbeddedServerTests {
    @Test func `what was written is there after a stop and a start`() async throws {
        try await withDataFolder { folder in
            #expect(EmbeddedServer.runningConnectionString(dataFolder: folder) == nil)
            let first = try await EmbeddedServer.start(dataFolder: folder, log: .silent)
            #expect(EmbeddedServer.runningConnectionString(dataFolder: folder) == first.connectionString())
            try await psql(first, "create table kept (number bigint); insert into kept values (42)")
            await first.stop()
            let second = try await EmbeddedServer.start(dataFolder: folder, log: .silent)
            #expect(try await psql(second, "select number from kept") == "42")
            await second.stop()
        }
    }

    @Test func `the cluster is durable, checksummed and out of reach of the network`() async throws {
        try await withDataFolder { folder in
            let server = try await EmbeddedServer.start(dataFolder: folder, log: .silent)
            let expected = [
                "data_checksums": "on", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "listen_addresses": "",
                "server_encoding": "UTF8", "log_statement": "none", "log_parameter_max_length_on_error": "0",
            ]
            for (setting, value) in expected {
                #expect(try await psql(server, "show \(setting)") == value, "\(setting)")
            }
            let file = try #require(PostmasterFile(cluster: "\(folder)/postgres"))
            #expect(try listeningInternetSockets(of: file.process).isEmpty)
            let socket = try await psql(server, "show unix_socket_directories")
            #expect(try permissions(of: socket) == 0o700)
            #expect(try permissions(of: "\(folder)/postgres") == 0o700)
            await server.stop()
        }
    }

    @Test func `the role of the service owns its database and is no superuser`() async throws {
        try await withDataFolder { folder in
            let server = try await EmbeddedServer.start(dataFolder: folder, log: .silent)
            #expect(try await psql(server, "select rolsuper from pg_roles where rolname = current_user") == "f")
            #expect(try await psql(server, "select pg_get_userbyid(datdba) from pg_database where datname = 'waystation'") == "waystation")
            await server.stop()
        }
    }

    @Test func `a killed postmaster is started again and has lost nothing`() async throws {
        try await withDataFolder { folder in
            let server = try await EmbeddedServer.start(dataFolder: folder, log: .silent)
            try await psql(server, "create table kept (number bigint)")
            for round in 1...3 {
                try await psql(server, "insert into kept values (\(round))")
                let file = try #require(PostmasterFile(cluster: "\(folder)/postgres"))
                #expect(kill(file.process, SIGKILL) == 0)
                try await eventually("a new postmaster is ready") {
                    guard let next = PostmasterFile(cluster: "\(folder)/postgres") else { return false }
                    return next.process != file.process && next.status == "ready"
                }
                #expect(try await psql(server, "select count(*) from kept") == "\(round)")
            }
            await server.stop()
        }
    }

    @Test func `a second server on the same folder is refused with the number of the first`() async throws {
        try await withDataFolder { folder in
            let server = try await EmbeddedServer.start(dataFolder: folder, log: .silent)
            await #expect(throws: EmbeddedServerError.folderInUse(folder: folder, process: "\(getpid())")) {
                _ = try await EmbeddedServer.start(dataFolder: folder, log: .silent)
            }
            #expect(try await psql(server, "select 1") == "1")
            await server.stop()
        }
    }

    @Test func `an orphaned postmaster is adopted and stopped with its new owner`() async throws {
        try await withDataFolder { folder in
            let first = try await EmbeddedServer.start(dataFolder: folder, log: .silent)
            await first.stop()
            let orphan = try startOrphan(dataFolder: folder)
            try await eventually("the orphan is ready") { PostmasterFile(cluster: "\(folder)/postgres")?.status == "ready" }
            let second = try await EmbeddedServer.start(dataFolder: folder, log: .silent)
            #expect(PostmasterFile(cluster: "\(folder)/postgres")?.process == orphan.id)
            #expect(try await psql(second, "select 1") == "1")
            await second.stop()
            #expect(orphan.wait(timeout: .zero) == .ended(.status(0)), "the adopted postmaster ends with its new owner")
        }
    }

    @Test func `erasing stops an orphan, deletes the cluster and leaves other files alone`() async throws {
        try await withDataFolder { folder in
            let first = try await EmbeddedServer.start(dataFolder: folder, log: .silent)
            try await psql(first, "create table kept (number bigint)")
            await #expect(throws: EmbeddedServerError.self) { try await EmbeddedServer.erase(dataFolder: folder, log: .silent) }
            await first.stop()
            try Data("secret".utf8).write(to: URL(filePath: "\(folder)/keys.json"))
            let orphan = try startOrphan(dataFolder: folder)
            try await eventually("the orphan is ready") { PostmasterFile(cluster: "\(folder)/postgres")?.status == "ready" }
            try await EmbeddedServer.erase(dataFolder: folder, log: .silent)
            #expect(orphan.wait(timeout: .zero) == .ended(.status(0)))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["keys.json", "lock"])
            let second = try await EmbeddedServer.start(dataFolder: folder, log: .silent)
            #expect(try await psql(second, "select to_regclass('kept') is null") == "t")
            await second.stop()
        }
    }

    @Test func `a folder whose path is too long for a socket works too`() async throws {
        try await withDataFolder { folder in
            let long = folder + "/" + String(repeating: "long", count: 30)
            let server = try await EmbeddedServer.start(dataFolder: long, log: .silent)
            #expect(try await psql(server, "select 1") == "1")
            await server.stop()
            let socket = try #require(server.connectionString().split(separator: "'").dropFirst().first.map(String.init))
            #expect(socket.utf8.count < 90 && access(socket, F_OK) == 0)
            try await EmbeddedServer.erase(dataFolder: long, log: .silent)
            #expect(access(socket, F_OK) != 0)
        }
    }

    @Test func `a cut initdb leaves nothing that the next start stumbles over`() async throws {
        try await withDataFolder { folder in
            try FileManager.default.createDirectory(atPath: "\(folder)/postgres.new/base", withIntermediateDirectories: true)
            try Data("15\n".utf8).write(to: URL(filePath: "\(folder)/postgres.new/PG_VERSION"))
            let server = try await EmbeddedServer.start(dataFolder: folder, log: .silent)
            #expect(try await psql(server, "select 1") == "1")
            await server.stop()
        }
    }

    @Test func `settings of the operator win`() async throws {
        try await withDataFolder { folder in
            try Data("work_mem = '12MB'\n".utf8).write(to: URL(filePath: "\(folder)/postgresql.local.conf"))
            let server = try await EmbeddedServer.start(dataFolder: folder, log: .silent)
            #expect(try await psql(server, "show work_mem") == "12MB")
            await server.stop()
        }
    }

    @Test func `a setting that PostgreSQL refuses is told in the error`() async throws {
        try await withDataFolder { folder in
            try Data("no_such_setting = 1\n".utf8).write(to: URL(filePath: "\(folder)/postgresql.local.conf"))
            let error = await #expect(throws: EmbeddedServerError.self) {
                _ = try await EmbeddedServer.start(dataFolder: folder, log: .silent)
            }
            #expect(error?.description.contains("no_such_setting") == true)
        }
    }

    @Test func `a stop while it does not run returns at once`() async throws {
        try await withDataFolder { folder in
            let server = try EmbeddedServer(dataFolder: folder, log: .silent)
            await server.stop()
            try await server.start()
            await server.stop()
            await server.stop()
        }
    }

    @Test func `a throw-away server may create databases and its folder vanishes with it`() async throws {
        let server = try await EmbeddedServer.startThrowAway()
        try await psql(server, "create database another")
        let socket = try #require(server.connectionString().split(separator: "'").dropFirst().first.map(String.init))
        #expect(access(socket, F_OK) == 0)
        await server.stop()
        try await eventually("the folder is gone") { access(socket, F_OK) != 0 }
    }
}
