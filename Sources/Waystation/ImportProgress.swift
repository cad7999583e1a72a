import Registry
import Runtime
import Synchronization

/// An import's progress as a bar; told from whatever thread the importer works on.
final class ImportProgress: Sendable {
    private let bar: Mutex<ProgressBar>

    init(_ title: String) {
        bar = Mutex(ProgressBar(title, unit: "rows"))
    }

    func update(_ progress: MemberImportProgress) {
        let fraction = progress.bytesTotal.map { $0 > 0 ? Double(progress.bytesRead) / Double($0) : 1 } ?? 0
        bar.withLock { $0.update(fraction: fraction, count: progress.tally.read) }
    }

    func finish() {
        bar.withLock { $0.finish() }
    }
}
