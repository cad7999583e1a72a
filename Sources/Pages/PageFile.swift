import FoundationEssentials

/// One file of the pages: its path below `web`, its text, and the text packed by gzip as base64. `pageFiles`, made by the EmbedPages
/// plugin, lists all of them ordered by path.
package struct PageFile: Sendable {
    package let path: String
    package let packed: String
    package let text: String

    package init(path: String, packed: String, text: String) {
        self.path = path
        self.packed = packed
        self.text = text
    }

    /// The bytes of a gzip file with the text in it.
    package var packedBytes: [UInt8] {
        guard let bytes = Data(base64Encoded: packed) else { preconditionFailure("the plugin writes base64") }
        return Array(bytes)
    }

    /// Its name without its folders.
    var name: Substring { path.split(separator: "/").last ?? "" }

    /// By the name's end.
    package var contentType: String {
        switch path.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        case "webmanifest": "application/manifest+json"
        default: "text/plain; charset=utf-8"
        }
    }
}
