import Crypto
import Glibc
package import Runtime

/// The settings of `waystation door`, and the controller that they describe.
package enum DoorOptions {
    package static let summary = "Looks after one door: reads codes, asks the server or decides alone, opens"

    package static let all: [Option] = [
        Option("config", .text, placeholder: "FILE", help: "read settings as `name = value` lines from FILE"),
        Option("server", .text, placeholder: "URL", defaultValue: "http://127.0.0.1:8080", help: "where the service is"),
        Option("access-point", .integer(1...Int.max), placeholder: "N", help: "the access point that this door is"),
        Option("key-file", .text, placeholder: "FILE", help: "the file with this device's key (default: key in --folder)"),
        Option(
            "pair", .text, placeholder: "CODE",
            help: "trade this one-time pairing code for a key, which is kept in the key file; with a key there the code is not needed"),
        Option(
            "folder", .text, placeholder: "FOLDER",
            help: "where the journal and what the door knows are kept (default: /var/lib/waystation-door for root, else "
                + "~/.local/share/waystation-door)"),
        Option("direction", .choice(["in", "out"]), placeholder: "in|out", defaultValue: "in", help: "which way people go here"),
        Option("device", .text, placeholder: "FILE", help: "read codes from this serial scanner instead of standard input"),
        Option("exit-device", .text, placeholder: "FILE", help: "read codes of people going out from this one"),
        Option(
            "on-open", .text, placeholder: "COMMAND", help: "run by /bin/sh when the door opens; see WAYSTATION_RELAY_MILLISECONDS there"),
        Option(
            "contact-command", .text, placeholder: "COMMAND",
            help: "run by /bin/sh for as long as the controller runs; its lines `open` and `closed` are the door's contact"),
        Option(
            "held-seconds", .integer(1...86_400), placeholder: "SECONDS", defaultValue: "30",
            help: "an open door is reported as held open after so long"),
        Option(
            "output", .choice(["auto", "json", "text"]), placeholder: "FORMAT", defaultValue: "auto", help: "auto is text on a terminal"),
        Option(
            "trusted-certificates", .text, placeholder: "FILE", help: "certificates (PEM) trusted instead of the system's, for https"),
        Option(
            "rehearse", .flag, defaultValue: "false",
            help: "obey the lines #offline, #online, #sync and #clock SECONDS on standard input; a scanner could send them too"),
        Option(
            "clock-offset", .integer(-3_155_760_000...3_155_760_000), placeholder: "SECONDS", defaultValue: "0",
            help: "move the wall clock, for tests and rehearsals only"),
        Option(
            "log-level", .choice(Log.Level.allCases.map(\.name)), placeholder: "LEVEL", defaultValue: "info",
            help: "debug, info, notice, warning or error"),
        Option(
            "log-format", .choice(["auto", "json", "text"]), placeholder: "FORMAT", defaultValue: "auto",
            help: "json or text; auto is text on a terminal"),
    ]

    /// Runs the controller until it is told to stop. Blocks; for the main thread of a process.
    package static func run(_ configuration: Configuration, environment: [String: String]) throws {
        guard let accessPoint = configuration.text("access-point").flatMap({ Int64($0) }) else {
            throw ControllerError("--access-point says which door this is")
        }
        // Before the log starts a thread, which would take the signals otherwise.
        let signals = try SignalDescriptor()
        let level = Log.Level.allCases.first { $0.name == configuration.text("log-level") } ?? .info
        let offset = Int64(configuration.integer("clock-offset")) * 1_000_000
        let log = Log(
            try LogSink(descriptor: 2), level: level, format: isText(configuration.text("log-format"), 2) ? .text : .json,
            clock: Clock(offsetMicroseconds: offset))
        defer { log.flush() }
        let folder = configuration.text("folder") ?? standardFolder(environment)
        try makeFolders(folder)
        let url = configuration.text("server") ?? ""
        let certificates = configuration.text("trusted-certificates")
        let key = try key(
            configuration.text("key-file") ?? folder + "/key", folder: folder, pairing: configuration.text("pair"), url: url,
            certificates: certificates)
        try Controller.run(
            Controller.Settings(
                place: ServerPlace(url: url, accessPoint: accessPoint, key: key, trustedCertificates: certificates), folder: folder,
                direction: configuration.text("direction") == "out" ? .outward : .inward, device: configuration.text("device"),
                exitDevice: configuration.text("exit-device"), onOpen: configuration.text("on-open"),
                contactCommand: configuration.text("contact-command"),
                heldAfter: .seconds(configuration.integer("held-seconds")), isJSON: !isText(configuration.text("output"), 1),
                isRehearsal: configuration.flag("rehearse"), clockOffsetMicroseconds: offset), until: signals, log: log)
    }

    private static func isText(_ format: String?, _ descriptor: CInt) -> Bool {
        format == "text" || format != "json" && isatty(descriptor) == 1
    }

    private static func standardFolder(_ environment: [String: String]) -> String {
        geteuid() == 0 ? "/var/lib/waystation-door" : (environment["HOME"] ?? "/tmp") + "/.local/share/waystation-door"
    }

    // MARK: Key

    /// The key in the file; if there is none yet, the one that the pairing code is traded for.
    private static func key(
        _ path: String, folder: String, pairing: String?, url: String, certificates: String?
    ) throws -> String {
        if let key = try firstLine(path) { return key }
        guard let pairing else { throw ControllerError("there is no key in \(path): give a pairing code with --pair") }
        // The same code asks for the same answer: when it was lost on the way, starting again gets it.
        let idempotencyKey = "door-" + Hex.encode(SHA256.hash(Array(pairing.utf8)).prefix(16).map { $0 })
        let key = try DoorServer.pair(url, code: pairing, idempotencyKey: idempotencyKey, trustedCertificates: certificates)
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let parent = parts.dropLast().joined(separator: "/")
        try replaceFile(parent.isEmpty ? "." : parent, String(parts.last ?? "key"), with: Array((key + "\n").utf8))
        return key
    }

    /// Nil when there is no such file.
    private static func firstLine(_ path: String) throws -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw SystemError.last("open \(path)") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1_024)
        let count = read(descriptor, &bytes, bytes.count)
        let line = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(whereSeparator: \.isWhitespace).first
        guard let line else { throw ControllerError("\(path) is empty: remove it and pair again") }
        return String(line)
    }

    private static func makeFolders(_ folder: String) throws(SystemError) {
        var path = folder.hasPrefix("/") ? "" : "."
        for part in folder.split(separator: "/") {
            path += "/" + part
            if mkdir(path, 0o700) != 0, errno != EEXIST { throw .last("mkdir \(path)") }
        }
    }
}
