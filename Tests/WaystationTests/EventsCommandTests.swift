import Crypto
import FoundationEssentials
import Glibc
import Postgres
import Runtime
import TestSupport
import Testing

struct EventsCommandTests {
    @Test func `a month of events is exported into a file whose digest is told, and figures are made anew`() async throws {
        try await withDatabase { database in
            try await database.transaction { transaction in
                try await transaction.script(
                    """
                    do $$
                    begin
                        execute format('create table access_event_2025_03 partition of access_event for values from (%L) to (%L)',
                            stations_first_request_of('2025-03-01'), stations_first_request_of('2025-04-01'));
                    end
                    $$;
                    insert into access_event (
                        station_id, access_point_id, occurred_at, recorded_at, request_id, relay_milliseconds, people_inside, inside_change,
                        batch_position, open, direction, fingerprint, reasons)
                    select 1, 1, '2025-03-05', '2025-03-05', stations_first_request_of('2025-03-01'), 0, 0, 0, 1, false, 'in', '',
                        array['door.code_forged'];
                    """)
            }
            let name = try await database.query("select current_database()::text")[0].decode(0, as: String.self)
            let folder = "/tmp/waystation-events-\(UInt64.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { remove(folder) }
            let shared = ["--database", try await TestCluster.shared.connectionString(name), "--keys", folder + "/keys.json"]
            let file = folder + "/2025-03.csv"
            let (end, output) = try await runProgram("waystation", ["events", "export", file, "--month", "2025-03"] + shared)
            #expect(end == .status(0), "\(output)")
            let bytes = Array(try #require(FileManager.default.contents(atPath: file)))
            #expect(output.contains("1 events of 2025-03 in \(file)\nSHA-256 \(Hex.encode(SHA256.hash(bytes)))"))
            #expect(String(decoding: bytes, as: UTF8.self).contains("{door.code_forged}"))
            var status = stat()
            #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600, "for its owner only")
            #expect(!FileManager.default.fileExists(atPath: file + ".part"))
            let noted = try await database.query("select events, sha256 from access_event_export where month = '2025-03-01'")[0]
            #expect(try noted.decode(0) == 1)
            #expect(try noted.decode(1) == SHA256.hash(bytes))

            for (month, sentence) in [
                ("2025-04", "there are no events of 2025-04"), ("2025-13", "say which month"), ("x", "say which month"),
            ] {
                let (refused, text) = try await runProgram("waystation", ["events", "export", file, "--month", month] + shared)
                #expect(refused != .status(0) && text.contains(sentence), "\(month)")
            }
            let (made, figures) = try await runProgram("waystation", ["figures", "rebuild"] + shared)
            #expect(made == .status(0) && figures.contains("1 events counted."), "\(figures)")
        }
    }

    private func remove(_ folder: String) {
        do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record("\(folder) stays: \(error)") }
    }
}
