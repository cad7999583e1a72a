import Allocation
import Crypto

/// The rules as JSON: every key known, every value of its kind, everything that does not fit named with its line.
struct RulesFile {
    private(set) var program = Program(name: "", quota: 0)
    /// Names of the classes, the first of class 1.
    private(set) var classes: [String] = []
    private(set) var draw = Draw(secret: [])
    /// The line of each key by its path, `floors[1].size`.
    private(set) var lines: [String: Int] = [:]

    private let file: String
    private var faults = FileFaults()

    /// - Parameter drawSecret: gives 32 random bytes where the rules hold no secret.
    init(_ source: SourceFile, drawSecret: () -> [UInt8] = { SecureRandom.bytes(Lottery.secretByteCount) }) throws(FileFaults) {
        file = source.name
        if source.bytes.isEmpty { throw FileFaults(FileFault(.fileEmpty, file: file, line: nil)) }
        if !isValidUTF8(source.bytes) { throw FileFaults(FileFault(.notUTF8, file: file, line: nil)) }
        let tree: JSONTree
        do throws(JSONTree.Fault) {
            tree = try JSONTree(source.bytes)
        } catch {
            throw FileFaults(FileFault(.jsonInvalid, file: file, line: error.line, detail: error.detail))
        }
        readProgram(tree)
        if let node = members(tree, "", known: Self.keys)["lottery"] {
            readDraw(node, drawSecret)
        } else {
            draw = Draw(secret: drawSecret(), origin: .drawn)
        }
        try faults.check()
    }

    private static let keys = [
        "program", "quota", "mode", "meaning", "groups", "floors", "precedence", "organizationCap", "organizationCaps", "classes",
        "lottery",
    ]

    private mutating func readProgram(_ tree: JSONTree) {
        let keys = members(tree, "", known: Self.keys, isNoting: true)
        if let node = need(keys, "program", "", tree) { program.name = name(node, "program") ?? "" }
        if let node = need(keys, "quota", "", tree) { program.quota = number(node, "quota") ?? 1 }
        if let node = keys["mode"] { program.mode = choice(node, "mode", ["order": .order, "local": .local]) ?? .order }
        if let node = keys["meaning"], choice(node, "meaning", ["minimum": false, "additional": true]) == true {
            fault(.additionalUnsupported, node, "meaning")
        }
        if let node = keys["precedence"] {
            program.isFloorOrderGiven = choice(node, "precedence", ["scarcest": false, "given": true]) ?? false
        }
        if let node = keys["groups"] { program.groups = names(node, "groups") }
        for (index, group) in program.groups.enumerated() where program.groups[..<index].contains(group) {
            faults.add(FileFault(.groupTwice, file: file, line: lines["groups[\(index)]"], field: "groups[\(index)]", detail: group))
        }
        if let node = keys["floors"] {
            for (index, element) in list(node, "floors").enumerated() { readFloor(element, "floors[\(index)]") }
        }
        if let node = keys["organizationCap"] { program.organizationCap = number(node, "organizationCap") }
        if let node = keys["organizationCaps"] {
            for (key, _, value) in object(node, "organizationCaps", known: nil) {
                let path = "organizationCaps.\(key)"
                guard let organization = UInt32(key), "\(organization)" == key else {
                    fault(.keyUnknown, value, path, "0–\(UInt32.max)")
                    continue
                }
                program.organizationCaps[organization] = number(value, path)
            }
        }
        if let node = keys["classes"] { classes = names(node, "classes") }
    }

    private mutating func readFloor(_ node: JSONTree, _ path: String) {
        lines[path] = node.line
        let keys = members(node, path + ".", known: ["group", "size", "kind"], isNoting: true)
        var floor = Floor(group: 0, size: 0)
        if let group = need(keys, "group", path + ".", node), let text = text(group, path + ".group") {
            if let index = program.groups.firstIndex(of: text) {
                floor.group = index
            } else {
                faults.add(
                    FileFault(.rule(.floorGroupUnknown), file: file, line: group.line, field: path + ".group", detail: shown(text.utf8)))
            }
        }
        if let size = need(keys, "size", path + ".", node) { floor.size = number(size, path + ".size") ?? 0 }
        if let kind = keys["kind"] { floor.kind = choice(kind, path + ".kind", ["strict": .strict, "fair": .fair]) ?? .strict }
        program.floors.append(floor)
    }

    private mutating func readDraw(_ node: JSONTree, _ drawSecret: () -> [UInt8]) {
        lines["lottery"] = node.line
        let keys = members(node, "lottery.", known: ["commitment", "secret", "beacon", "beaconSource"], isNoting: true)
        let commitment = keys["commitment"].flatMap { hex($0, "lottery.commitment", count: 32) }
        let secret = keys["secret"].flatMap { hex($0, "lottery.secret", count: Lottery.secretByteCount) }
        let beacon = keys["beacon"].flatMap { hex($0, "lottery.beacon", count: nil) } ?? []
        var source = ""
        if let node = keys["beaconSource"], let text = text(node, "lottery.beaconSource") {
            if text == "-" || text.utf8.contains(where: { $0 < 32 || $0 == 127 }) { fault(.valueInvalid, node, "lottery.beaconSource") }
            source = text
        }
        if let node = keys["commitment"], keys["secret"] == nil { fault(.secretMissing, node, "lottery.commitment") }
        if let node = keys["commitment"], let commitment, let secret, commitment != Lottery.commitment(to: secret) {
            fault(.commitmentDiffers, node, "lottery.commitment")
        }
        let origin: Draw.Origin = keys["secret"] == nil ? .drawn : commitment == nil ? .given : .committed
        draw = Draw(secret: secret ?? drawSecret(), beacon: beacon, beaconSource: source, origin: origin)
    }
}

/// Values of their kinds; nil after noting that one is not.
extension RulesFile {
    private mutating func fault(_ reason: FileFault.Reason, _ node: JSONTree, _ path: String, _ detail: String = "") {
        faults.add(FileFault(reason, file: file, line: node.line, field: path, detail: detail))
    }

    /// - Parameter isNoting: whether unknown keys and keys given twice are faults here; one reading of an object needs to say so.
    private mutating func members(_ node: JSONTree, _ prefix: String, known: [String], isNoting: Bool = false) -> [String: JSONTree] {
        var found: [String: JSONTree] = [:]
        for (key, line, value) in isNoting ? object(node, prefix, known: known) : plain(node) {
            found[key] = value
            lines[prefix + key] = line
        }
        return found
    }

    private func plain(_ node: JSONTree) -> [(key: String, line: Int, value: JSONTree)] {
        if case .object(let members) = node.value { members } else { [] }
    }

    private mutating func object(_ node: JSONTree, _ path: String, known: [String]?) -> [(key: String, line: Int, value: JSONTree)] {
        guard case .object(let members) = node.value else {
            fault(.valueInvalid, node, path.last == "." ? String(path.dropLast()) : path, "{…}")
            return []
        }
        let prefix = path.isEmpty || path.last == "." ? path : path + "."
        var seen: Set<String> = []
        for (key, line, _) in members {
            if let known, !known.contains(key) {
                faults.add(
                    FileFault(
                        .keyUnknown, file: file, line: line, field: prefix + shown(key.utf8), detail: known.joined(separator: ", ")))
            }
            if !seen.insert(key).inserted { faults.add(FileFault(.keyTwice, file: file, line: line, field: prefix + shown(key.utf8))) }
        }
        return members
    }

    private mutating func need(_ keys: [String: JSONTree], _ key: String, _ prefix: String, _ node: JSONTree) -> JSONTree? {
        if let value = keys[key] { return value }
        if case .object = node.value { fault(.keyMissing, node, prefix + key) }
        return nil
    }

    private mutating func list(_ node: JSONTree, _ path: String) -> [JSONTree] {
        if case .list(let elements) = node.value { return elements }
        fault(.valueInvalid, node, path, "[…]")
        return []
    }

    private mutating func text(_ node: JSONTree, _ path: String) -> String? {
        if case .text(let text) = node.value { return text }
        fault(.valueInvalid, node, path, "\"…\"")
        return nil
    }

    private mutating func name(_ node: JSONTree, _ path: String) -> String? {
        guard let text = text(node, path) else { return nil }
        if isName(Array(text.utf8)) { return text }
        fault(.nameInvalid, node, path, shown(text.utf8))
        return nil
    }

    private mutating func names(_ node: JSONTree, _ path: String) -> [String] {
        var names: [String] = []
        for (index, element) in list(node, path).enumerated() {
            lines["\(path)[\(index)]"] = element.line
            names.append(name(element, "\(path)[\(index)]") ?? "\(index)")
        }
        return names
    }

    private mutating func number(_ node: JSONTree, _ path: String) -> Int? {
        if case .number(let number) = node.value, abs(number) <= SessionsTable.numberMax { return number }
        fault(.numberInvalid, node, path, "0–\(SessionsTable.numberMax)")
        return nil
    }

    private mutating func choice<Value>(_ node: JSONTree, _ path: String, _ values: [String: Value]) -> Value? {
        if case .text(let text) = node.value, let value = values[text] { return value }
        fault(.valueInvalid, node, path, values.keys.sorted().joined(separator: ", "))
        return nil
    }

    private mutating func hex(_ node: JSONTree, _ path: String, count: Int?) -> [UInt8]? {
        if case .text(let text) = node.value, let bytes = Hex.decode(text), count == nil ? !bytes.isEmpty : bytes.count == count {
            return bytes
        }
        fault(.valueInvalid, node, path, count.map { "\($0 * 2) × 0-9a-f" } ?? "0-9a-f")
        return nil
    }
}
