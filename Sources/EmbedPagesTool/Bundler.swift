/// Puts the modules that pages begin with together.
///
/// Each page's `index.html` names, by `modulepreload`, the modules of its own folder that are wanted at once. What these import, all the
/// way down, is put into one module a folder, `core.js`, each in a scope of its own; whoever imports one of them from elsewhere imports
/// it from there. Modules are written in one way (`import {a, b as c} from './x.js';`, `export function`, `export const`,
/// `export class`), which is all that is understood here; the build stops at what is not.
struct Bundler {
    private let modules: [String: Source]
    private let order: [String]
    private let bundled: [String: [String]]

    init(_ sources: [Source]) {
        let modules = Dictionary(uniqueKeysWithValues: sources.filter { $0.kind == "js" }.map { ($0.path, $0.withoutComments) })
        self.modules = modules
        let roots = sources.filter { $0.kind == "html" }.flatMap { page in
            page.keeping("first", dropping: "known").matches(of: /modulepreload" href="\/web\/\{\{version\}\}\/([a-z]+\/[a-z-]+\.js)"/).map
            { String($0.1) }
        }
        order = Self.closure(of: roots, modules).filter { !roots.contains($0) }
        bundled = Dictionary(grouping: order) { String($0.prefix { $0 != "/" }) }
    }

    /// The folders that have a `core.js`.
    var folders: Set<String> { Set(bundled.keys) }

    /// All modules as browsers get them.
    var sources: [Source] {
        let cores = bundled.map { folder, paths in Source(path: "\(folder)/core.js", text: core(folder, paths)) }
        let others = modules.values.filter { !order.contains($0.path) }.map { source in
            Source(path: source.path, text: redirected(source))
        }
        return cores + others
    }

    // MARK: What imports what

    /// The modules that some begin with and all that they import, each behind what it imports itself.
    private static func closure(of roots: [String], _ modules: [String: Source]) -> [String] {
        var found: [String] = []
        var open: Set<String> = []
        func visit(_ path: String) {
            guard !found.contains(path) else { return }
            guard let source = modules[path] else { preconditionFailure("\(path) is imported and not there") }
            precondition(open.insert(path).inserted, "\(path) imports itself by way of others")
            for match in source.text.matches(of: Self.statement) { visit(resolved(String(match.3), from: source)) }
            open.remove(path)
            found.append(path)
        }
        for root in roots { visit(root) }
        return found
    }

    private static var statement: Regex<(Substring, Substring, Substring, Substring)> {
        /(?m)^(import|export) *\{([^}]*)\} *from *'([^']+)';\n?/
    }

    private static func resolved(_ path: String, from source: Source) -> String {
        path.hasPrefix("../") ? String(path.dropFirst(3)) : source.folder + "/" + path.dropFirst(2)
    }

    // MARK: Putting together

    /// The modules of a folder in one, what they give by its own name.
    private func core(_ folder: String, _ paths: [String]) -> String {
        var text = paths.contains { needsShared($0, folder) } ? "import * as shared from '../shared/core.js';\n" : ""
        var given: Set<String> = []
        for (number, path) in paths.enumerated() {
            guard let source = modules[path] else { continue }
            var inner = source.text.replacing(Self.statement) { match in
                precondition(match.1 == "import", "\(path) is put together with others and gives on what it imports")
                let target = Self.resolved(String(match.3), from: source)
                let scope = paths.firstIndex(of: target).map { "m\($0)" } ?? "shared"
                return "const {\(match.2.replacing(" as ", with: ": "))} = \(scope);\n"
            }
            var names: [String] = []
            inner = inner.replacing(/(?m)^export ((?:async )?(?:function|const|class) )(\w+)/) { match in
                names.append(String(match.2))
                return match.1 + match.2
            }
            let isUnderstood = inner.firstMatch(of: /(?m)^(export|import)\b/) == nil
            precondition(isUnderstood, "\(path) imports or exports in a way that is not understood")
            for name in names { precondition(given.insert(name).inserted, "two modules of \(folder)/core.js give \(name)") }
            let list = names.joined(separator: ", ")
            text += "const m\(number) = (() => {\n\(inner)return {\(list)};\n})();\n"
            if !names.isEmpty { text += "export const {\(list)} = m\(number);\n" }
        }
        return text
    }

    private func needsShared(_ path: String, _ folder: String) -> Bool {
        folder != "shared" && modules[path]?.text.contains("from '../shared/") == true
    }

    /// A module that is not put together: what it imports of those that are comes from the core of their folder.
    private func redirected(_ source: Source) -> String {
        let text = source.text.replacing(Self.statement) { match in
            let target = Self.resolved(String(match.3), from: source)
            guard order.contains(target) else { return String(match.0) }
            let folder = target.prefix { $0 != "/" }
            let path = folder == source.folder ? "./core.js" : "../\(folder)/core.js"
            return "\(match.1) {\(match.2)} from '\(path)';\n"
        }
        for match in text.matches(of: /import\('([^'`$]+)'\)/) {
            let target = Self.resolved(String(match.1), from: source)
            precondition(!order.contains(target), "\(source.path) loads \(match.1) later: it is there at once")
        }
        return text
    }
}
