import Crypto
import FoundationEssentials
import Glibc
import MemberCode
import Runtime

/// What the server last said, on disk: the policy and the keys as JSON, the refused ids beside them, since they seldom change and a memory
/// card bears only so many writes.
struct KnowledgeFile: Sendable {
    private struct Stored: Codable {
        let policy: DoorPolicy
        /// Ed25519 public keys by key id, Base64url.
        let keys: [String: String]
        let asOfMicroseconds: Int64
        let refusalsVersion: Int64
        let refusalsDigest: UInt64
    }

    private let folder: String

    init(folder: String) {
        self.folder = folder
    }

    /// Nil when nothing is kept, or when what is kept is not whole: then all of it is asked for anew.
    func read() -> DoorKnowledge? {
        guard let bytes = contents("knowledge.json"), let stored = decoded(bytes), let refusals = refusals(),
            refusals.version == stored.refusalsVersion, refusals.digest == stored.refusalsDigest
        else { return nil }
        var keys: [UInt8: PublicKey] = [:]
        for (id, text) in stored.keys {
            guard let id = UInt8(id), let bytes = Base64URL.decode(text) else { return nil }
            do { keys[id] = try PublicKey(bytes: bytes) } catch { return nil }
        }
        return DoorKnowledge(
            policy: stored.policy, verifier: OfflineVerifier(publicKeys: keys), refusals: refusals,
            asOfMicroseconds: stored.asOfMicroseconds)
    }

    private func decoded(_ bytes: [UInt8]) -> Stored? {
        do { return try JSONDecoder().decode(Stored.self, from: Data(bytes)) } catch { return nil }
    }

    /// Keeps it. The refusals are written first, and only when they changed: a list is never younger than what stands beside it says.
    func write(_ news: ServerMessages.Sync, refusals: Refusals, asOf microseconds: Int64, refusalsChanged: Bool) throws {
        if refusalsChanged {
            var writer = ByteWriter()
            writer.put(refusals.version)
            for set in [refusals.members, refusals.provisional, refusals.cards, refusals.pinCards] {
                let bytes = set.bytes
                writer.put(UInt32(bytes.count))
                writer.put(raw: bytes)
            }
            try replace("refusals", with: writer.bytes)
        }
        let stored = Stored(
            policy: news.policy, keys: Dictionary(news.publicKeys.map { (String($0.id), $0.key) }, uniquingKeysWith: { $1 }),
            asOfMicroseconds: microseconds, refusalsVersion: refusals.version, refusalsDigest: refusals.digest)
        try replace("knowledge.json", with: Array(try JSONEncoder().encode(stored)))
    }

    private func refusals() -> Refusals? {
        guard let bytes = contents("refusals") else { return nil }
        var reader = ByteReader(bytes)
        func set() -> NumberSet? {
            guard let count: UInt32 = reader.number(), let raw = reader.raw(Int(count)) else { return nil }
            return NumberSet(bytes: raw)
        }
        guard let version: Int64 = reader.number(), let members = set(), let provisional = set(), let cards = set(), let pinCards = set()
        else { return nil }
        var refusals = Refusals()
        refusals.version = version
        refusals.members = members
        refusals.provisional = provisional
        refusals.cards = cards
        refusals.pinCards = pinCards
        return refusals
    }

    // MARK: Files

    private func contents(_ name: String) -> [UInt8]? {
        let descriptor = open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let size = Int(lseek(descriptor, 0, SEEK_END))
        do { return try JournalScanner.read(descriptor, at: 0, count: max(0, size)) } catch { return nil }
    }

    private func replace(_ name: String, with bytes: [UInt8]) throws(SystemError) {
        try replaceFile(folder, name, with: bytes)
    }
}

/// Writes a file of mode 0600 whole or not at all: beside its place, onto the disk, then into its place.
func replaceFile(_ folder: String, _ name: String, with bytes: [UInt8]) throws(SystemError) {
    let path = "\(folder)/\(name)"
    let descriptor = open(path + ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .last("open \(path).new") }
    var rest = bytes[...]
    var fault: SystemError?
    while !rest.isEmpty, fault == nil {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        if count <= 0 { fault = .last("write \(path)") } else { rest = rest.dropFirst(count) }
    }
    if fault == nil, fsync(descriptor) != 0 { fault = .last("fsync \(path)") }
    close(descriptor)
    if let fault { throw fault }
    guard rename(path + ".new", path) == 0 else { throw .last("rename \(path)") }
    try syncFolder(folder)
}
