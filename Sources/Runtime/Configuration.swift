/// What is wrong with the settings, in one sentence that names where it was given.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// Settings from flags, environment and file, in that precedence; anything unknown is an error with the nearest known name.
///
/// Secrets need not stand in the environment: `WAYSTATION_NAME_FILE` names a file whose first line is the value.
package struct Configuration: Sendable {
    /// Where a value was given.
    package enum Origin: Sendable, Equatable { case flag, environment, file, standard }

    private var values: [String: (value: String, origin: Origin)] = [:]

    /// Arguments that are not flags, in order.
    package private(set) var operands: [String] = []

    /// - Parameters:
    ///   - options: what is known here.
    ///   - arguments: without the program's and the command's name.
    ///   - environment: other programs' variables are passed over; `WAYSTATION_*` must be known here or in `elsewhere`.
    ///   - elsewhere: options of other commands, whose variables and file lines are allowed and ignored.
    ///   - readFile: gives a file's text; the file named by `--config`, and those of `_FILE` variables.
    package init(
        options: [Option], arguments: [String], environment: [String: String], elsewhere: [Option] = [],
        readFile: (String) throws -> String
    ) throws(ConfigurationError) {
        var known: [String: Option] = [:]
        for option in options { known[option.name] = option }
        let allNames = (options + elsewhere).map(\.name)
        var layers: [Origin: [String: String]] = [.flag: [:], .environment: [:], .file: [:]]

        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                operands.append(contentsOf: rest)
                break
            }
            guard argument.hasPrefix("--") else {
                operands.append(argument)
                continue
            }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = parts.first ?? ""
            guard let option = known[name] else { throw Self.unknown("--\(name)", name, options.map(\.name), prefix: "--") }
            let earlier = layers[.flag]?[name]
            if parts.count == 2 {
                layers[.flag]?[name] = option.joined(earlier, parts[1])
            } else if case .flag = option.kind {
                layers[.flag]?[name] = "true"
            } else if let value = rest.popFirst() {
                layers[.flag]?[name] = option.joined(earlier, value)
            } else {
                throw ConfigurationError("--\(name) needs a value: --\(name) \(option.placeholder)")
            }
        }

        func read(_ path: String, for what: String) throws(ConfigurationError) -> String {
            do { return try readFile(path) } catch { throw ConfigurationError("\(what): cannot read \(path)") }
        }
        let environmentNames = Dictionary(uniqueKeysWithValues: Set(allNames).map { (Option($0, .text, help: "").environmentName, $0) })
        for (variable, value) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix("WAYSTATION_") {
            if let name = environmentNames[variable] {
                layers[.environment]?[name] = value
            } else if variable.hasSuffix("_FILE"), let name = environmentNames[String(variable.dropLast(5))] {
                let text = try read(value, for: variable)
                layers[.environment]?[name] = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
            } else {
                throw Self.unknown(variable, variable, Array(environmentNames.keys), prefix: "")
            }
        }
        if known["config"] != nil, let path = layers[.flag]?["config"] ?? layers[.environment]?["config"] {
            layers[.file] = try Self.parse(read(path, for: "--config"), path: path, names: allNames)
        }

        for option in options {
            let given: [(String?, Origin, String)] = [
                (layers[.flag]?[option.name], .flag, "--\(option.name)"),
                (layers[.environment]?[option.name], .environment, option.environmentName),
                (layers[.file]?[option.name], .file, "\(option.name) in the configuration file"),
            ]
            for (value, origin, place) in given {
                guard let value else { continue }
                if let fault = option.fault(in: value) { throw ConfigurationError("\(place) \(fault)") }
                if values[option.name] == nil { values[option.name] = (value, origin) }
            }
            if values[option.name] == nil, let standard = option.defaultValue { values[option.name] = (standard, .standard) }
        }
    }

    private static func parse(_ text: String, path: String, names: [String]) throws(ConfigurationError) -> [String: String] {
        var result: [String: String] = [:]
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmingSpaces()
            if line.isEmpty || line.hasPrefix("#") { continue }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { $0.trimmingSpaces() }
            guard parts.count == 2 else { throw ConfigurationError("\(path):\(index + 1): expected name = value") }
            guard names.contains(parts[0]) else { throw unknown("\(path):\(index + 1): \(parts[0])", parts[0], names, prefix: "") }
            result[parts[0]] = parts[1]
        }
        return result
    }

    private static func unknown(_ place: String, _ name: String, _ names: [String], prefix: String) -> ConfigurationError {
        let nearest = nearestName(to: name, among: names)
        return ConfigurationError("\(place) is not a setting here" + (nearest.map { "; did you mean \(prefix)\($0)?" } ?? ""))
    }

    // MARK: Reading

    package func text(_ name: String) -> String? { values[name]?.value }

    /// A number whose range was checked; the option must be an integer with a default.
    package func integer(_ name: String) -> Int {
        guard let value = values[name], let number = Int(value.value) else {
            preconditionFailure("the setting \(name) is a number with a default")
        }
        return number
    }

    package func flag(_ name: String) -> Bool { values[name]?.value == "true" }

    package func origin(_ name: String) -> Origin? { values[name]?.origin }
}

/// The name among `names` within a few typing errors of `name`, or nil.
package func nearestName(to name: String, among names: [String]) -> String? {
    func distance(_ left: [Character], _ right: [Character]) -> Int {
        var row = Array(0...right.count)
        for (i, character) in left.enumerated() {
            var previous = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let cost = previous + (character == other ? 0 : 1)
                previous = row[j + 1]
                row[j + 1] = min(cost, row[j] + 1, previous + 1)
            }
        }
        return row[right.count]
    }
    let ranked = names.map { (distance(Array(name), Array($0)), $0) }.sorted { $0 < $1 }
    guard let (best, candidate) = ranked.first, best <= max(2, name.count / 3) else { return nil }
    return candidate
}

extension StringProtocol {
    func trimmingSpaces() -> String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest = rest.dropFirst() }
        while rest.last?.isWhitespace == true { rest = rest.dropLast() }
        return String(rest)
    }
}
