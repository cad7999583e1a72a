import Glibc
import Runtime

/// The file of everything that was decided here, until the server has it: appended to, never changed, replaced whole when most of it is
/// done with.
///
/// A decision is on the disk before the door opens. Two writes a scan: that it began (so that a question whose answer is lost can be
/// settled after a kill), and what came of it. What is done with costs no memory and no time at the start: a summary takes its place.
struct Journal: ~Copyable {
    /// A decision that the server has to be told.
    struct Entry: Hashable, Sendable {
        let scan: DoorScan
        let decision: DoorDecision
    }

    /// Some of them in their order, and what to acknowledge once the server has them.
    struct Page: Sendable {
        var entries: [Entry] = []
        /// Decisions of the door's life up to the last of them, those that the server took among them.
        fileprivate(set) var decided: UInt64 = 0
        fileprivate(set) var position = 0
    }

    /// What was found at the start.
    private(set) var replay: JournalReplay
    /// Bytes that were no whole record: a tail cut in the middle of a write, or a bad sector.
    let damagedBytes: Int

    private let folder: String
    private var descriptor: CInt
    private var length: Int
    /// Where the first decision begins that the server does not have.
    private var pendingStart: Int

    private var path: String { folder + "/journal" }

    /// A journal longer than this is replaced when no more than half of it is still needed.
    private static let compactingBytes = 1 << 20

    /// Opens the journal in `folder` or begins one, and reads what it has come to.
    init(folder: String) throws(SystemError) {
        self.folder = folder
        let opened = open(folder + "/journal", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw .last("open \(folder)/journal") }
        let found: Found
        do throws(SystemError) {
            found = try Self.read(opened)
        } catch {
            close(opened)
            throw error
        }
        descriptor = opened
        length = found.length
        pendingStart = found.pendingStart
        replay = found.replay
        damagedBytes = found.damagedBytes
    }

    private struct Found {
        var replay = JournalReplay()
        var length = 0
        var pendingStart = 0
        var damagedBytes = 0
    }

    /// Reads all of it once and cuts off a tail that is no record.
    private static func read(_ descriptor: CInt) throws(SystemError) -> Found {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        var scanner = JournalScanner(descriptor, from: 0, to: size)
        var found = Found()
        var begun = 0
        // Where the decisions begin that the server does not have.
        var pending: [Int] = []
        while let (start, record) = try scanner.next() {
            let before = found.replay.acknowledged
            found.replay.apply(record)
            switch record {
            case .begun: begun = start
            case .decided: pending.append(begun)
            case .acknowledged: pending.removeFirst(Int(found.replay.acknowledged - before))
            case .heard, .commanded, .summary: break
            }
        }
        found.length = scanner.position
        found.damagedBytes = scanner.damaged + size - scanner.position
        found.pendingStart = pending.first ?? (found.replay.unfinished == nil ? found.length : begun)
        if size > found.length, ftruncate(descriptor, off_t(found.length)) != 0 { throw .last("ftruncate") }
        return found
    }

    deinit { close(descriptor) }

    // MARK: Writing

    /// Appends a record; with `isDurable` it is on the disk when this returns. Nothing is left of one that could not be written.
    mutating func append(_ record: JournalRecord, isDurable: Bool) throws(SystemError) {
        let start = length
        let frame = JournalScanner.frame(record)
        do throws(SystemError) {
            try write(frame, to: descriptor, at: start)
            if isDurable, fdatasync(descriptor) != 0 { throw .last("fdatasync") }
        } catch {
            ftruncate(descriptor, off_t(start))
            throw error
        }
        length = start + frame.count
        if case .begun = record, replay.pending == 0 { pendingStart = start }
        replay.apply(record)
    }

    private func write(_ bytes: [UInt8], to descriptor: CInt, at start: Int) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written, off_t(start + written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .last("write journal") }
            written += count
        }
    }

    // MARK: Uploading

    /// The next decisions that the server does not have, at most `limit`; empty when it has all.
    func page(limit: Int) throws(SystemError) -> Page {
        var scanner = JournalScanner(descriptor, from: pendingStart, to: length)
        var page = Page()
        page.decided = replay.acknowledged
        page.position = pendingStart
        var begun: DoorScan?
        while page.entries.count < limit, let (_, record) = try scanner.next() {
            switch record {
            case .begun(let scan): begun = scan
            case .decided(let decision, _):
                // The server has what it answered itself.
                if let scan = begun, decision.decider == .controller { page.entries.append(Entry(scan: scan, decision: decision)) }
                begun = nil
                page.decided += 1
                page.position = scanner.position
            case .acknowledged, .heard, .commanded, .summary: break
            }
        }
        return page
    }

    /// The server has all of `page`. Not hurried to the disk: what is told again is told in vain, no more.
    mutating func acknowledge(_ page: Page) throws(SystemError) {
        guard page.decided > replay.acknowledged else { return }
        try append(.acknowledged(page.decided), isDurable: false)
        pendingStart = page.position
        if length > Self.compactingBytes, length - pendingStart < length / 2 { try compact() }
    }

    /// Puts a summary and what is pending into a new file, which then takes the old one's name.
    mutating func compact() throws(SystemError) {
        let fresh = open(path + ".new", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard fresh >= 0 else { throw .last("open \(path).new") }
        var (headCount, position) = (0, 0)
        do throws(SystemError) {
            let head = JournalScanner.frame(.summary(replay.compacted))
            try write(head, to: fresh, at: 0)
            headCount = head.count
            position = head.count
            var from = pendingStart
            while from < length {
                let piece = try JournalScanner.read(descriptor, at: from, count: min(65_536, length - from))
                guard !piece.isEmpty else { throw SystemError(call: "read journal", code: EIO) }
                try write(piece, to: fresh, at: position)
                from += piece.count
                position += piece.count
            }
            guard fdatasync(fresh) == 0 else { throw .last("fdatasync") }
            guard rename(path + ".new", path) == 0 else { throw .last("rename journal") }
            try syncFolder(folder)
        } catch {
            close(fresh)
            throw error
        }
        pendingStart = headCount
        close(descriptor)
        descriptor = fresh
        length = position
    }
}

/// Makes a folder's names durable.
func syncFolder(_ path: String) throws(SystemError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last("open \(path)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .last("fsync \(path)") }
}
