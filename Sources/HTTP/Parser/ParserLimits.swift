/// The largest request head and framing this server reads; all inclusive.
package struct ParserLimits: Hashable, Sendable {
    /// The request line without its CRLF; beyond it 414.
    package var requestLineBytesMax: Int

    /// All field lines with their CRLF, trailers included; beyond it 431.
    package var headerBytesMax: Int

    /// Field lines, trailers included; beyond it 431.
    package var headerFieldsMax: Int

    /// What follows the sizes of all chunks of one body; beyond it 400: a flood of tiny chunks with long extensions costs CPU, not
    /// bandwidth.
    package var chunkExtensionBytesMax: Int

    package static let standard = ParserLimits(
        requestLineBytesMax: 8_192, headerBytesMax: 32_768, headerFieldsMax: 100, chunkExtensionBytesMax: 1_024)

    package init(requestLineBytesMax: Int, headerBytesMax: Int, headerFieldsMax: Int, chunkExtensionBytesMax: Int) {
        self.requestLineBytesMax = requestLineBytesMax
        self.headerBytesMax = headerBytesMax
        self.headerFieldsMax = headerFieldsMax
        self.chunkExtensionBytesMax = chunkExtensionBytesMax
    }
}
