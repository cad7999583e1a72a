import HTTP
import Synchronization

/// The files by path; the packed bytes of one are made when it is first asked for.
final class PageShelf: Sendable {
    private let files: [String: PageFile]
    private let packed = Mutex<[String: [UInt8]]>([:])

    init(_ files: [PageFile]) {
        self.files = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0) })
    }

    /// The file, packed where the client takes that; 304 where the client has it already; 404.
    func answer(_ path: String, _ request: Request, varyingBy fields: String = "Accept-Encoding") -> Response {
        guard let file = files[path] else { return .problem(Problem(HTTPProblem.notFound)) }
        let tag = "\"\(pagesVersion)-\(file.name)\""
        if request.headers["If-None-Match"] == tag { return Response.empty(304).with("ETag", tag).with("Vary", fields) }
        let takesPacked = request.headers["Accept-Encoding"]?.split(separator: ",").contains { coding in
            let parts = coding.split(separator: ";").map { $0.filter { $0 != " " } }
            return parts.first?.lowercased() == "gzip" && !parts.dropFirst().contains("q=0")
        }
        let response =
            takesPacked == true
            ? Response.bytes(bytes(of: file), contentType: file.contentType).with("Content-Encoding", "gzip")
            : .text(file.text, contentType: file.contentType)
        return response.with("ETag", tag).with("Vary", fields).with("Referrer-Policy", "no-referrer")
    }

    private func bytes(of file: PageFile) -> [UInt8] {
        packed.withLock { packed in
            if let bytes = packed[file.path] { return bytes }
            let bytes = file.packedBytes
            packed[file.path] = bytes
            return bytes
        }
    }
}
