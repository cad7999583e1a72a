import Browser
import Testing

@testable import Pages

/// The palette keeps the contrast that WCAG 2.2 AA asks for, by day and by night, in every pair that is used.
struct PageColourTests {
    /// Text on what it stands on: 4.5 to 1.
    private static let texts: [(String, [String])] = [
        ("ink", ["ground", "surface", "raised", "line", "brand-soft", "note-soft", "warn-soft", "bad-soft", "good-soft"]),
        ("soft", ["ground", "surface", "raised"]), ("brand", ["ground", "surface", "raised", "brand-soft"]),
        ("brand-deep", ["surface", "brand-soft"]), ("brand-ink", ["brand", "brand-deep"]), ("good", ["surface", "good-soft", "ground"]),
        ("bad", ["surface", "bad-soft", "ground", "raised"]), ("warn", ["surface", "warn-soft", "ground"]),
        ("note", ["surface", "note-soft", "ground"]), ("ground", ["ink"]), ("surface", ["bad"]),
    ]
    /// Edges of controls, the ring of focus, and parts of charts: 3 to 1.
    private static let shapes: [(String, [String])] =
        [("edge", ["ground", "surface", "raised"]), ("focus", ["ground", "surface", "raised"])]
        + (1...8).map { ("c\($0)", ["surface", "ground"]) }

    private func palettes() throws -> [(name: String, colours: [String: Contrast.Color])] {
        let style = try #require(pageFiles.first { $0.path == "shared/base.css" }).text
        let parts = style.split(separator: "prefers-color-scheme: dark", maxSplits: 1)
        try #require(parts.count == 2)
        let night = parts[1].split(separator: "\n}", maxSplits: 1)[0]
        func read(_ text: Substring) -> [String: Contrast.Color] {
            var colours: [String: Contrast.Color] = [:]
            for found in text.matches(of: /--([a-z0-9\-]+): #([0-9a-f]{6});/) {
                guard let number = Int(found.2, radix: 16) else { continue }
                colours[String(found.1)] = Contrast.Color(Double(number >> 16), Double(number >> 8 & 255), Double(number & 255))
            }
            return colours
        }
        let day = read(parts[0])
        return [("day", day), ("night", day.merging(read(night)) { _, night in night })]
    }

    @Test func `every pair of the palette can be read by day and by night`() throws {
        for (name, colours) in try palettes() {
            #expect(colours.count > 25)
            for (pairs, least) in [(Self.texts, 4.5), (Self.shapes, 3.0)] {
                for (front, backs) in pairs {
                    for back in backs {
                        let ratio = Contrast.ratio(try #require(colours[front]), try #require(colours[back]))
                        #expect(ratio >= least, "\(name): \(front) on \(back) is \(ratio)")
                    }
                }
            }
        }
    }
}
