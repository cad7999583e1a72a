import Crypto
import HTTP
import Postgres
import Runtime
import TestSupport

@testable import Registry

/// A registry on a fresh database, with one organization, an owner and a client.
struct RegistryScene {
    let database: Database
    let registry: Registry
    let client: TestClient
    let owner: String
    let organization: Organization
    let keys: Keys
    /// With chunks of 500 rows, so that a few thousand make many.
    let importer: MemberImporter

    init(_ database: Database, clock: Clock = Clock()) async throws {
        self.database = database
        keys = Keys.random()
        registry = Registry(database: database, keys: keys, loops: TestLoops.all, clock: clock)
        var importer = registry.importer
        importer.chunkRows = 500
        self.importer = importer
        client = TestClient(API(routes: registry.routes, authenticator: registry.authenticator), loop: TestLoops.all[0])
        owner = try await registry.accounts.createOwner(name: "王主席")
        guard let organization = try await registry.organizations.ensure(Organization.Draft(kind: .city, name: "德保")) else {
            preconditionFailure("a root has no parent that could be missing")
        }
        self.organization = organization
    }

    /// Brings `file` in, cut into pieces of `pieceBytes`.
    func bringIn(
        _ file: [UInt8], isDryRun: Bool = false, pieceBytes: Int = 4_096, usesOrganization: Bool = true
    ) async throws(MemberImportError) -> MemberImport {
        let pieces = Pieces(file, size: pieceBytes)
        return try await importer.run(
            next: { await pieces.next() },
            options: MemberImportOptions(
                organizationID: usesOrganization ? organization.id : nil, isDryRun: isDryRun, bytesTotal: Int64(file.count)),
            requestedBy: "test")
    }

    func bringIn(_ text: String, isDryRun: Bool = false, usesOrganization: Bool = true) async throws(MemberImportError) -> MemberImport {
        try await bringIn(Array(text.utf8), isDryRun: isDryRun, usesOrganization: usesOrganization)
    }

    func rejections(of done: MemberImport) async throws -> [String] {
        try await registry.imports.rejections(of: done.id, after: nil, limit: 10_000).map { "\($0.lineNumber) \($0.field) \($0.code)" }
    }

    func count(_ table: String) async throws -> Int {
        try await database.query("select count(*) from \(raw: table)")[0].decode(0)
    }
}

/// A file's bytes, piece by piece; can be made to break off.
actor Pieces {
    struct CutOff: Error {}

    private var rest: ArraySlice<UInt8>
    private let size: Int
    private var left: Int?

    init(_ bytes: [UInt8], size: Int, breaksOffAfter pieces: Int? = nil) {
        rest = bytes[...]
        self.size = size
        left = pieces
    }

    func next() -> [UInt8]? {
        guard !rest.isEmpty else { return nil }
        defer { rest = rest.dropFirst(size) }
        return Array(rest.prefix(size))
    }

    var leftBytes: Int { rest.count }

    func nextOrCut() throws -> [UInt8]? {
        if let left {
            guard left > 0 else { throw CutOff() }
            self.left = left - 1
        }
        return next()
    }
}
