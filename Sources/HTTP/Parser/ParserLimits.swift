/// The largest request head and framing this server reads; all inclusive.
package struct ParserLimits: Hashable, Sendable {
    /// The request line without its CRLF; beyond it 414.
    package var requestLineBytesMax = 8_192

    /// All field lines with their CRLF, trailers included; beyond it 431.
    package var headerBytesMax = 32_768

    /// Field lines, trailers included; beyond it 431.
    package var headerFieldsMax = 100

    /// What follows the sizes of all chunks of one body; beyond it 400: a flood of tiny chunks with long extensions costs CPU, not bandwidth.
    package var chunkExtensionBytesMax = 1_024

    package static let standard = ParserLimits()
}
