/// Finds the route of a path: a table for paths without parameters, then a tree of segments where literals win over parameters.
struct Router: Sendable {
    /// What stands at one path: its routes by method.
    struct Place: Sendable {
        var entries: [Method: RouteEntry] = [:]

        /// The value of `Allow`, HEAD and OPTIONS included.
        var allow: String {
            var names = Set(entries.keys.map(\.rawValue)).union(["OPTIONS"])
            if entries[.get] != nil { names.insert("HEAD") }
            return names.sorted().joined(separator: ", ")
        }
    }

    private struct Node {
        var literals: [String: Int] = [:]
        var parameter: Int?
        var place: Int?
    }

    private var nodes = [Node()]
    private var places: [Place] = []
    private var allows: [String] = []
    private var exact: [String: Int] = [:]

    init(_ entries: [RouteEntry]) {
        for entry in entries { add(entry) }
        allows = places.map(\.allow)
    }

    private mutating func add(_ entry: RouteEntry) {
        var node = 0
        for segment in entry.route.template.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init) {
            let isParameter = segment.hasPrefix("{") && segment.hasSuffix("}")
            precondition(isParameter || !segment.contains("{"), "a parameter is a whole segment: \(entry.route.template)")
            let known = isParameter ? nodes[node].parameter : nodes[node].literals[segment]
            if let known {
                node = known
                continue
            }
            nodes.append(Node())
            let new = nodes.count - 1
            if isParameter { nodes[node].parameter = new } else { nodes[node].literals[segment] = new }
            node = new
        }
        let place = nodes[node].place ?? places.count
        if place == places.count { places.append(Place()) }
        nodes[node].place = place
        precondition(
            places[place].entries.updateValue(entry, forKey: entry.route.method) == nil,
            "\(entry.route.method.rawValue) \(entry.route.template) is declared once")
        if !entry.route.template.contains("{") { exact[entry.route.template] = place }
    }

    /// The place of a path as sent, with the decoded values of its parameters in order; nil for 404.
    func find(_ path: Substring) -> (place: Place, allow: String, captures: [String])? {
        if let place = exact[String(path)] { return (places[place], allows[place], []) }
        guard path.utf8.first == 0x2F else { return nil }
        var segments: [String] = []
        for segment in path.dropFirst().utf8.split(separator: 0x2F, maxSplits: 32, omittingEmptySubsequences: false) {
            guard let decoded = percentDecoded(segment) else { return nil }
            segments.append(decoded)
        }
        var captures: [String] = []
        guard let place = descend(0, segments[...], &captures) else { return nil }
        return (places[place], allows[place], captures)
    }

    private func descend(_ node: Int, _ segments: ArraySlice<String>, _ captures: inout [String]) -> Int? {
        guard let segment = segments.first else { return nodes[node].place }
        if let next = nodes[node].literals[segment], let place = descend(next, segments.dropFirst(), &captures) { return place }
        guard let next = nodes[node].parameter, !segment.isEmpty else { return nil }
        captures.append(segment)
        if let place = descend(next, segments.dropFirst(), &captures) { return place }
        captures.removeLast()
        return nil
    }
}
