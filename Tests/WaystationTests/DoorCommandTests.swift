import Crypto
import FoundationEssentials
import Glibc
import Postgres
import Registry
import Runtime
import Stations
import Testing

@Suite struct DoorCommandTests {
    @Test func `a door pairs with a one-time code, keeps its key for itself and needs the code no more`() async throws {
        try await withDoor { scene in
            let code = try await scene.pairingCode()
            let door = try await scene.door(["--pair", code])
            let keyFile = scene.folder + "/key"
            try await scene.until { FileManager.default.fileExists(atPath: keyFile) }
            let attributes = try FileManager.default.attributesOfItem(atPath: keyFile)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            try await scene.assignAll()
            #expect(try await door.stop().0 == .ended(.status(0)))
            let again = try await scene.door()
            #expect(try await again.scan(scene.code(scene.members[0])).open == true)
            let (end, log) = try await again.stop()
            #expect(end == .ended(.status(0)))
            let key = String(decoding: FileManager.default.contents(atPath: keyFile) ?? Data(), as: UTF8.self).dropLast()
            #expect(!key.isEmpty && !log.contains(key) && !log.contains(code))

            let other = try await scene.door(["--key-file", scene.folder + "/other", "--pair", code])
            let (refused, text) = try await other.ended()
            #expect(refused == .ended(.status(1)) && text.contains("pairing code"), "\(text)")
        }
    }

    @Test func `online the server decides, cut off the controller does, and afterwards the server knows all of it once`() async throws {
        try await withDoor { scene in
            _ = try await scene.service.database.query("update member set status = 'suspended' where member_id = \(scene.members[1])")
            let door = try await scene.pairedDoor()
            let first = try await door.scan(scene.code(scene.members[0]))
            #expect(first.open == true && first.decidedBy == "server")
            door.type("#offline")
            let alone = scene.code(scene.members[2])
            let opened = try await door.scan(alone)
            #expect(opened.open == true && opened.decidedBy == "controller")
            #expect(try await door.scan(alone).reasons == ["door.code_replayed"])
            #expect(try await door.scan(scene.code(scene.members[1])).reasons == ["door.member_not_active"])
            #expect(try await door.scan("0123456789").reasons == ["door.needs_network"])
            #expect(try await scene.count("access_event") == 1)

            try await door.kill()
            let next = try await scene.door()
            try await scene.until { try await scene.count("access_event") == 5 }
            #expect(try await next.scan(alone).reasons == ["door.code_replayed"], "a kill makes no code fresh")
            #expect(try await next.stop().0 == .ended(.status(0)))
            let events = try await scene.service.stations.access.events(of: scene.station, before: nil, limit: 10)
            let event = try #require(events.first { $0.requestId == opened.requestId })
            #expect(event.open && event.decidedBy == .controller && event.memberId == ID(scene.members[2]))
            #expect(event.occurredAt == opened.time)
        }
    }

    @Test func `a wall clock set years ahead spoils no time, and the heartbeat tells of it`() async throws {
        try await withDoor { scene in
            let door = try await scene.pairedDoor(["--clock-offset", "100000000"])
            #expect(try await door.scan(scene.code(scene.members[0])).open == true)
            door.type("#offline")
            door.type("#clock -300000000")
            #expect(try await door.scan(scene.code(scene.members[1])).open == true, "its codes are of now, whatever the clock says")
            door.type("#online")
            try await scene.until { try await scene.count("access_event") == 2 }
            let off = try await scene.service.database.query(
                "select max(abs(extract(epoch from occurred_at - clock_timestamp()))) < 60 from access_event")[0].decode(0, as: Bool.self)
            #expect(off)
            #expect(try await scene.count("device_heartbeat", "occurred_at > received_at + interval '3 years'") == 1)
            let (end, log) = try await door.stop()
            #expect(end == .ended(.status(0)) && log.contains("clock.off"))
        }
    }

    @Test func `opening runs its command; a door opened otherwise is forced, one left open is held`() async throws {
        try await withDoor { scene in
            let (opened, contact) = (scene.folder + "/opened", scene.folder + "/contact")
            #expect(FileManager.default.createFile(atPath: contact, contents: Data()))
            let door = try await scene.pairedDoor([
                "--on-open", "echo $WAYSTATION_DIRECTION $WAYSTATION_RELAY_MILLISECONDS $WAYSTATION_REQUEST_ID >> \(opened)",
                "--contact-command", "tail -s 0.02 -n +1 -f \(contact)", "--held-seconds", "1",
            ])
            func say(_ state: String) throws {
                let file = open(contact, O_WRONLY | O_APPEND)
                defer { close(file) }
                #expect(write(file, "\(state)\n", state.utf8.count + 1) == state.utf8.count + 1)
            }
            try say("open")
            #expect(try await door.hear().door == "forced")
            try await scene.until { try await scene.count("device_heartbeat", "door_state = 'forced'") == 1 }
            try say("closed")
            #expect(try await door.hear().door == "closed")
            let scan = try await door.scan(scene.code(scene.members[0]))
            #expect(scan.open == true)
            try await scene.until { FileManager.default.contents(atPath: opened)?.isEmpty == false }
            let said = FileManager.default.contents(atPath: opened).map { String(decoding: $0, as: UTF8.self) }
            #expect(said == "in 3000 \(scan.requestId ?? "")\n")
            try say("open")
            #expect(try await door.hear().door == "open")
            #expect(try await door.hear().door == "held")
            try await scene.until { try await scene.count("device_heartbeat", "door_state = 'held'") == 1 }
            #expect(try await door.stop().0 == .ended(.status(0)))
        }
    }

    @Test func `commands open and lock the door at once`() async throws {
        try await withDoor { scene in
            let door = try await scene.pairedDoor()
            func command(_ kind: String, _ request: String?) async throws {
                _ = try await scene.service.database.query(
                    """
                    insert into access_command (access_point_id, kind, request_id, relay_milliseconds, created_at, expires_at)
                    values (\(scene.accessPoint), \(kind), \(request)::uuid, 900, now(), now() + interval '1 minute')
                    """)
            }
            try await command("open", UUIDv7(microseconds: Clock().nowMicroseconds).description)
            #expect(try await door.hear().door == "opened_by_command")
            try await command("lock_down", nil)
            #expect(try await door.hear().door == "locked_down")
            let (end, log) = try await door.stop()
            #expect(end == .ended(.status(0)) && !log.contains("command.unknown"), "the stream's greeting is no command")
        }
    }

    @Test func `a controller that is shut out stays shut, but lets people out`() async throws {
        try await withDoor { scene in
            let door = try await scene.pairedDoor()
            #expect(try await door.scan(scene.code(scene.members[0])).open == true)
            _ = try await scene.service.database.query("update device set revoked_at = now()")
            scene.service.registry.authenticator.forgetAll()
            #expect(try await door.scan(scene.code(scene.members[1])).reasons == ["door.controller_shut_out"])
            #expect(try await door.stop().0 == .ended(.status(0)))
            let exit = try await scene.door(["--direction", "out"])
            #expect(try await exit.scan(scene.code(scene.members[0])).open == true)
            #expect(try await exit.stop().0 == .ended(.status(0)))
            #expect(try await scene.count("access_event") == 1, "and nothing that it says is recorded")
        }
    }

    @Test func `it starts in a second, holds little, and ends with its input`() async throws {
        try await withDoor { scene in
            let start = MonotonicTime.current
            let door = try await scene.pairedDoor()
            #expect(try await door.scan(scene.code(scene.members[0])).open == true)
            let took = MonotonicTime.current - start
            let status = FileManager.default.contents(atPath: "/proc/\(door.process.id)/status") ?? Data()
            let lines = String(decoding: status, as: UTF8.self).split(separator: "\n")
            let resident = lines.first { $0.hasPrefix("VmHWM:") }?.split(separator: " ").compactMap { Int($0) }.first
            // Its own budget is 20 MB, which the release build keeps to; a debug build's code alone is 2 MB larger.
            #expect(try #require(resident) < 24_000, "after \(took)")
            door.closeInput()
            #expect(try await door.ended().0 == .ended(.status(0)))
        }
    }

    @Test func `two controllers never write into one journal, and what is missing is said`() async throws {
        try await withDoor { scene in
            let door = try await scene.pairedDoor()
            let (second, text) = try await scene.door().ended()
            #expect(second == .ended(.status(1)) && text.contains("another controller"), "\(text)")
            #expect(try await door.stop().0 == .ended(.status(0)))
            let (keyless, why) = try await scene.door(["--key-file", scene.folder + "/none"]).ended()
            #expect(keyless == .ended(.status(1)) && why.contains("--pair"), "\(why)")
        }
    }
}
