import Crypto
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct MemberFileReaderTests {
    private let vault = PersonalDataVault(Keys.random())

    /// All chunks of a file, or the error that ended it.
    private func read(_ bytes: [UInt8], pieceBytes: Int, chunkRows: Int) async throws -> Result<[MemberFileChunk], MemberImportError> {
        let pieces = Pieces(bytes, size: pieceBytes)
        let reader = MemberFileReader(
            organizations: OrganizationNames([]), defaultOrganizationID: ID(1),
            today: try #require(CalendarDate(year: 2026, month: 11, day: 21)),
            vault: vault, chunkRows: chunkRows, nextPiece: { await pieces.next() })
        var chunks: [MemberFileChunk] = []
        while true {
            switch await reader.nextChunk() {
            case .failure(let error): return .failure(error)
            case .success(nil): return .success(chunks)
            case .success(let chunk?): chunks.append(chunk)
            }
        }
    }

    @Test func `chunks of any size hold the same rows`() async throws {
        let file = Array(DemoRegister(seed: 11, count: 1_000).joined())
        for (pieceBytes, chunkRows) in [(1_000_000, 10), (100, 10), (4_096, 333), (17, 10_000)] {
            let chunks = try await read(file, pieceBytes: pieceBytes, chunkRows: chunkRows).get()
            #expect(chunks.flatMap(\.entries).map(\.lineNumber) == Array(2...1_001))
            #expect(chunks.allSatisfy { $0.rejections.isEmpty })
            #expect(chunks.last?.bytesRead == Int64(file.count))
        }
    }

    @Test func `whatever is done to a file, each line is taken or told, once and in order`() async throws {
        let seed = SeededGenerator.seeds(1)[0]
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let file = Array(DemoRegister(seed: 12, count: 60).joined())
        let headerBytes = (file.firstIndex(of: 0x0A) ?? 0) + 1
        for _ in 0..<300 {
            var damaged = file
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let place = Int.random(in: headerBytes..<damaged.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: damaged[place] = UInt8.random(in: 1...255, using: &generator)
                case 1: damaged[place] = [0x22, 0x2C, 0x0A, 0x0D, 0x3D].randomElement(using: &generator) ?? 0x22
                case 2: damaged.remove(at: place)
                default: damaged.insert(contentsOf: damaged[headerBytes..<place].suffix(40), at: place)
                }
            }
            let size = Int.random(in: 1...500, using: &generator)
            let chunks: [MemberFileChunk]
            switch try await read(damaged, pieceBytes: size, chunkRows: 7) {
            case .success(let read): chunks = read
            case .failure(let error):
                Issue.record("refused whole: \(error)")
                continue
            }
            let taken = chunks.flatMap(\.entries).map(\.lineNumber)
            let told = chunks.flatMap(\.rejections).map(\.lineNumber)
            #expect(taken == taken.sorted() && told == told.sorted())
            #expect(Set(taken).count == taken.count && Set(taken).isDisjoint(with: told))
            #expect(chunks.map(\.refused).reduce(0, +) == Set(told).count)
            let people = chunks.flatMap(\.entries).map(\.draft.person.nationalID)
            #expect(Set(people).count == people.count)
        }
    }

    @Test func `long rows make a chunk smaller, not larger`() async throws {
        let row = "张三,11010519491231002X," + String(repeating: "1", count: 60_000) + "\n"
        let file = Array(("姓名,身份证号,手机号\n" + String(repeating: row, count: 400)).utf8)
        let chunks = try await read(file, pieceBytes: 65_536, chunkRows: 10_000).get()
        #expect(chunks.map(\.refused).reduce(0, +) == 400)
        #expect(chunks.count == file.count / MemberFileReader.chunkBytesMax + 1)
    }

    @Test func `a person's second row is refused across chunks`() async throws {
        var file = Array(DemoRegister(seed: 13, count: 50).joined())
        file += Array(DemoRegister(seed: 13, count: 1).joined()).drop { $0 != 0x0A }.dropFirst()
        let chunks = try await read(file, pieceBytes: 64, chunkRows: 5).get()
        let rejection = try #require(chunks.flatMap(\.rejections).first)
        #expect(rejection.lineNumber == 52 && rejection.firstLineNumber == 2 && rejection.code == "import.duplicate_in_file")
    }
}
