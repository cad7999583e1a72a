import Foundation  // a plugin runs at build time only, and FileManager.enumerator is not in FoundationEssentials
import PackagePlugin

/// Turns every file below the target's `web` folder into one Swift source, as text and packed by gzip.
@main
struct EmbedPages: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let folder = target.directoryURL.appending(path: "web")
        let tool = try context.tool(named: "EmbedPagesTool")
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedPages.swift")
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        let files = (found?.compactMap { $0 as? URL } ?? []).filter { !$0.pathExtension.isEmpty }
            .sorted { $0.path < $1.path }
        return [
            .buildCommand(
                displayName: "Embedding \(files.count) files of pages",
                executable: tool.url,
                arguments: [folder.path, output.path] + files.map(\.path),
                inputFiles: files,
                outputFiles: [output])
        ]
    }
}
