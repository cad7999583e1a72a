import Runtime
import Testing

@Suite struct ConfigurationTests {
    private let options = [
        Option("port", .integer(0...65_535), placeholder: "N", defaultValue: "8080", help: "where to listen"),
        Option("database", .text, placeholder: "URI", help: "a PostgreSQL"),
        Option("fresh", .flag, help: "start over"),
        Option("log-format", .choice(["json", "text"]), defaultValue: "json", help: "of log lines"),
        Option("clock-offset", .integer(-1_000...1_000), defaultValue: "0", help: "for rehearsals"),
        Option("config", .text, placeholder: "FILE", help: "more settings"),
        Option("floor", .list(separator: "|"), placeholder: "GROUP=N", help: "as often as there are floors"),
    ]

    private struct NoFile: Error {}

    private func read(
        _ arguments: [String] = [], _ environment: [String: String] = [:], files: [String: String] = [:], elsewhere: [Option] = []
    ) throws(ConfigurationError) -> Configuration {
        try Configuration(options: options, arguments: arguments, environment: environment, elsewhere: elsewhere) { path in
            guard let text = files[path] else { throw NoFile() }
            return text
        }
    }

    @Test func `a flag wins over the environment, the environment over the file, the file over the default`() throws {
        for given in 0..<8 {
            var arguments = ["--config", "settings"]
            var environment: [String: String] = [:]
            if given & 4 != 0 { arguments += ["--port", "3"] }
            if given & 2 != 0 { environment["WAYSTATION_PORT"] = "2" }
            let file = given & 1 != 0 ? "# ours\n\n port = 1 \n" : ""
            let settings = try read(arguments, environment, files: ["settings": file])
            let expected: (Int, Configuration.Origin) =
                given & 4 != 0 ? (3, .flag) : given & 2 != 0 ? (2, .environment) : given & 1 != 0 ? (1, .file) : (8080, .standard)
            #expect(settings.integer("port") == expected.0, "layers \(given)")
            #expect(settings.origin("port") == expected.1, "layers \(given)")
        }
    }

    @Test func `a setting that may be given several times keeps all of them, another the last`() throws {
        let settings = try read(["--floor", "gig=1,2", "--port", "1", "--floor=night=3", "--port", "2"])
        #expect(settings.text("floor") == "gig=1,2|night=3" && settings.integer("port") == 2)
        #expect(try read(["--floor", "gig=1"]).text("floor") == "gig=1")
    }

    @Test func `a secret may stand in a file that the environment names`() throws {
        let settings = try read([], ["WAYSTATION_DATABASE_FILE": "/run/secret"], files: ["/run/secret": "host=db password=x\n"])
        #expect(settings.text("database") == "host=db password=x")
        #expect(settings.origin("database") == .environment)
        #expect(throws: ConfigurationError("WAYSTATION_DATABASE_FILE: cannot read /gone")) {
            try read([], ["WAYSTATION_DATABASE_FILE": "/gone"])
        }
    }

    @Test func `flags are given as two words or with an equals sign, and what follows two dashes is no flag`() throws {
        let settings = try read(["--port=80", "import", "--fresh", "--database", "a=b", "--", "--port"])
        #expect(settings.integer("port") == 80)
        #expect(settings.flag("fresh"))
        #expect(settings.text("database") == "a=b")
        #expect(settings.operands == ["import", "--port"])
    }

    @Test(
        arguments: [
            (["--prot", "1"], [:], "", "--prot is not a setting here; did you mean --port?"),
            (["--zzzzzzzzzz"], [:], "", "--zzzzzzzzzz is not a setting here"),
            ([], ["WAYSTATION_PROT": "1"], "", "WAYSTATION_PROT is not a setting here; did you mean WAYSTATION_PORT?"),
            ([], [:], "log-fromat = text", "settings:1: log-fromat is not a setting here; did you mean log-format?"),
            ([], [:], "\nport 5", "settings:2: expected name = value"),
            (["--port"], [:], "", "--port needs a value: --port N"),
            (["--port", "70000"], [:], "", "--port must be a whole number from 0 to 65535"),
            ([], ["WAYSTATION_PORT": "x"], "", "WAYSTATION_PORT must be a whole number from 0 to 65535"),
            ([], [:], "log-format = xml", "log-format in the configuration file must be one of json, text"),
            (["--database="], [:], "", "--database must not be empty"),
            (["--fresh=maybe"], [:], "", "--fresh must be true or false"),
            // A faulty value is told even where a better layer hides it.
            (["--port", "1"], ["WAYSTATION_PORT": ""], "", "WAYSTATION_PORT must be a whole number from 0 to 65535"),
        ] as [([String], [String: String], String, String)])
    func `a mistake is told with its place and the nearest name`(
        arguments: [String], environment: [String: String], file: String, message: String
    ) {
        #expect(throws: ConfigurationError(message)) {
            try read(["--config", "settings"] + arguments, environment, files: ["settings": file])
        }
    }

    @Test func `variables of other programs and of other commands are passed over`() throws {
        let other = Option("seconds", .integer(1...60), defaultValue: "5", help: "of the bench")
        let environment = ["PATH": "/bin", "WAYSTATION_SECONDS": "9", "WAYSTATION_PORT": "9"]
        let settings = try read(["--config", "settings"], environment, files: ["settings": "seconds = 7"], elsewhere: [other])
        #expect(settings.integer("port") == 9)
        #expect(settings.text("seconds") == nil)
        #expect(throws: ConfigurationError.self) { try read(["--seconds", "9"], elsewhere: [other]) }
    }

    @Test func `names in variables are those of flags in capitals with underscores`() throws {
        let settings = try read([], ["WAYSTATION_CLOCK_OFFSET": "-60"])
        #expect(settings.integer("clock-offset") == -60)
    }
}
