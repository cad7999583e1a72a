import Crypto
import Glibc
import MemberCode
import Runtime
import TestSupport
import Testing

/// What is drawn is given to a reader that others wrote: `zbarimg` of Debian's zbar-tools.
@Suite struct QRCodeReadingTests {
    static let contents = Array(zip(1...40, SeededGenerator.seeds(40)))

    /// Each run takes the modes by turns, and of the large versions two levels only: the reader needs a tenth of a second for one.
    @Test(arguments: contents) func `zbarimg reads back what a code of any version holds, at any level, in both modes`(
        version: Int, seed: UInt64
    ) throws {
        var random = SeededGenerator(seed: seed)
        var contents: [[UInt8]] = []
        var images: [[UInt8]] = []
        let levels = QRCode.Level.allCases.shuffled(using: &random).prefix(version > 20 ? 2 : 4)
        for (turn, level) in levels.enumerated() {
            let alphanumeric = turn % 2 == 0
            let least = version == 1 ? 1 : QRCode.capacity(version: version - 1, level: level, alphanumeric: alphanumeric) + 1
            let most = QRCode.capacity(version: version, level: level, alphanumeric: alphanumeric)
            let count = Int.random(in: least...most, using: &random)
            let content = alphanumeric ? characters(count, &random) : random.bytes(count - 1) + [0xFF]
            let code = try QRCode(bytes: content, level: level)
            #expect(code.version == version && code.level == level)
            contents.append(content)
            images.append(Picture(svg: code.svg(title: "")).graymap(scale: 3))
        }
        #expect(try read(images) == contents)
    }

    @Test func `zbarimg reads a member's code, and Chinese text`() throws {
        let text = MemberCodeIssuer(.random()).issue(memberID: 4711, nowMicroseconds: 1_770_000_000_000_000).text
        let images = try [text, "驿站 · 一码通办"].map { Picture(svg: try QRCode($0).svg(title: "码")).graymap(scale: 3) }
        #expect(try read(images) == [Array(text.utf8), Array("驿站 · 一码通办".utf8)])
    }

    @Test func `it is still read with a spot of dirt that its level allows for`() throws {
        let content = Array("WAYSTATION ".utf8)
        var picture = Picture(try QRCode(bytes: content, level: .high))
        picture.stain(rows: 16..<19, columns: 16..<21)
        #expect(try read([picture.graymap(scale: 3)]) == [content])
    }

    private func characters(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".utf8)
        return (0..<count).map { _ in alphabet[Int.random(in: 0..<45, using: &random)] }
    }

    /// What each image says, as `zbarimg` understands it.
    private func read(_ images: [[UInt8]]) throws -> [[UInt8]] {
        try #require(system("command -v zbarimg > /dev/null") == 0, "zbarimg is missing: apt-get install zbar-tools")
        var template = Array("/tmp/waystation-qr-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { rmdir(folder) }
        return try images.enumerated().map { index, image in
            let path = "\(folder)/\(index).pgm"
            defer { unlink(path) }
            let file = try #require(fopen(path, "w"))
            fwrite(image, 1, image.count, file)
            fclose(file)
            let output = try #require(popen("zbarimg -q --nodbus --raw -Sdisable -Sqrcode.enable -Sbinary \(path)", "r"))
            defer { pclose(output) }
            var bytes = [UInt8](repeating: 0, count: 8192)
            return Array(bytes[..<fread(&bytes, 1, bytes.count, output)])
        }
    }
}
