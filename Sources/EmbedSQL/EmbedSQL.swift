import Foundation  // a plugin runs at build time only, and FileManager.enumerator is not in FoundationEssentials
import PackagePlugin

/// Turns every file below `sql/` into one Swift source, so that the executable carries its own schema.
@main
struct EmbedSQL: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let folder = context.package.directoryURL.appending(path: "sql")
        let tool = try context.tool(named: "EmbedSQLTool")
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedSQL.swift")
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        let files = (found?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "sql" }
            .sorted { $0.path < $1.path }
        return [
            .buildCommand(
                displayName: "Embedding \(files.count) SQL files",
                executable: tool.url,
                arguments: [folder.path, output.path] + files.map(\.path),
                inputFiles: files,
                outputFiles: [output])
        ]
    }
}
