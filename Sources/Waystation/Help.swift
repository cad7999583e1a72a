import Runtime

/// What `waystation help` prints: every command, every setting.
enum Help {
    static var text: String {
        var text = """
            waystation: a trade union's stations, checkups, insurance, coupons and night schools, over one register and one code.

            Usage: waystation COMMAND [--setting VALUE …]

            Commands

            """
        let width = Command.all.map { ($0.name + " " + $0.operands).count }.max() ?? 0
        for command in Command.all {
            let head = command.operands.isEmpty ? command.name : command.name + " " + command.operands
            text += "  " + head + String(repeating: " ", count: width - head.count + 2) + command.summary + "\n"
        }
        text += """
              help [COMMAND]\(String(repeating: " ", count: max(2, width - 12)))This page, or one command's
              --version\(String(repeating: " ", count: max(2, width - 7)))Which waystation this is

            Settings of every command
            Each may be a flag (--port 8080), a variable (WAYSTATION_PORT=8080, or WAYSTATION_PORT_FILE naming a file that holds the
            value) or a line of the file given by --config (port = 8080); a flag wins over a variable, a variable over the file.


            """
        text += Option.lines(Settings.database)
        text += "\nSettings of the server (serve, demo)\n\n" + Option.lines(Settings.server)
        return text
    }

    static func text(for command: Command) -> String {
        let head = command.operands.isEmpty ? command.name : command.name + " " + command.operands
        return "waystation \(head)\n\n\(command.summary)\n\nSettings\n\n" + Option.lines(command.options)
    }
}
