import FoundationEssentials

/// What a browser's camera sees: a still picture as a film of one frame, which Chromium repeats for ever.
///
/// YUV4MPEG2 with full chroma subsampling, the one kind without compression that Chromium reads.
package struct CameraPicture: Hashable, Sendable {
    private static let width = 640
    private static let height = 480

    /// The film's bytes.
    package let bytes: [UInt8]

    /// A square pattern, such as a code's modules, dark on light in the middle of the view.
    /// - Parameters:
    ///   - side: modules a side, the light border included.
    ///   - isDark: by row and column.
    package init(side: Int, isDark: (_ row: Int, _ column: Int) -> Bool) {
        let scale = max(1, Self.height / side)
        let (top, left) = ((Self.height - side * scale) / 2, (Self.width - side * scale) / 2)
        var luma = [UInt8](repeating: 0xE0, count: Self.width * Self.height)
        for row in 0..<side * scale {
            for column in 0..<side * scale where isDark(row / scale, column / scale) {
                luma[(top + row) * Self.width + left + column] = 0x18
            }
        }
        let head = "YUV4MPEG2 W\(Self.width) H\(Self.height) F5:1 Ip A1:1 C420jpeg\nFRAME\n"
        bytes = Array(head.utf8) + luma + [UInt8](repeating: 0x80, count: luma.count / 2)
    }
}
