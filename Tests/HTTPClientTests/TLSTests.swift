import Glibc
import Runtime
import Testing

@testable import HTTPClient

/// TLS against OpenSSL's own test server, with certificates made for the test.
@Suite struct TLSTests {
    private struct PreparationFailed: Error {
        let output: String
    }

    private func openssl(_ arguments: String) throws {
        let words = arguments.split(separator: " ").map(String.init)
        let (end, output) = try ChildProcess.run("/usr/bin/openssl", words)
        guard end == .status(0) else { throw PreparationFailed(output: output) }
    }

    /// Runs `body` beside a server whose certificate names `name`, signed by the authority in the file `ca.pem` of the folder.
    private func serve(name: String, _ arguments: String = "", _ body: (_ port: UInt16, _ folder: String) throws -> Void) throws {
        var template = Array("/tmp/waystation-tls-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw PreparationFailed(output: "mkdtemp") }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            for file in ["ca.pem", "ca.key", "other.pem", "other.key", "leaf.pem", "leaf.key"] { unlink("\(folder)/\(file)") }
            rmdir(folder)
        }
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        for authority in ["ca", "other"] {
            try openssl("req -x509 \(key) -keyout \(folder)/\(authority).key -out \(folder)/\(authority).pem -subj /CN=\(authority)")
        }
        try openssl(
            "req -x509 \(key) -keyout \(folder)/leaf.key -out \(folder)/leaf.pem -subj /CN=leaf -CA \(folder)/ca.pem "
                + "-CAkey \(folder)/ca.key -addext subjectAltName=\(name) -addext basicConstraints=critical,CA:FALSE")
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw PreparationFailed(output: "pipe") }
        let words = "s_server -accept 0 -www -cert \(folder)/leaf.pem -key \(folder)/leaf.key \(arguments)".split(separator: " ")
        let child = try ChildProcess.start("/usr/bin/openssl", words.map(String.init), output: ends[1], errors: ends[1])
        close(ends[1])
        defer {
            child.send(SIGKILL)
            _ = child.wait()
            close(ends[0])
        }
        var said = ""
        var piece = [UInt8](repeating: 0, count: 1_024)
        while !said.contains("ACCEPT") || !said.hasSuffix("\n") {
            let count = read(ends[0], &piece, piece.count)
            guard count > 0 else { throw PreparationFailed(output: said) }
            said += String(decoding: piece[..<count], as: UTF8.self)
        }
        let line = said.split(separator: "\n").first { $0.hasPrefix("ACCEPT") }
        guard let port = line?.split(separator: ":").last.flatMap({ UInt16($0) }) else { throw PreparationFailed(output: said) }
        try body(port, folder)
    }

    private func isUntrusted(_ base: String, _ trusted: String?) -> Bool {
        do throws(HTTPClientError) {
            _ = try HTTPClient(baseURL: base, trustedCertificates: trusted).send("GET", "/")
            return false
        } catch {
            if case .untrusted = error { return true }
            return false
        }
    }

    @Test func `a server is believed only with a certificate of a trusted authority for its own name`() throws {
        try serve(name: "DNS:localhost") { port, folder in
            let answer = try HTTPClient(baseURL: "https://localhost:\(port)", trustedCertificates: folder + "/ca.pem").send("GET", "/")
            #expect(answer.status == 200 && answer.text.contains("TLSv1.3"))
            #expect(isUntrusted("https://localhost:\(port)", nil), "an authority the system does not know")
            #expect(isUntrusted("https://localhost:\(port)", folder + "/other.pem"), "another authority")
            #expect(isUntrusted("https://127.0.0.1:\(port)", folder + "/ca.pem"), "another name")
        }
        try serve(name: "IP:127.0.0.1") { port, folder in
            let answer = try HTTPClient(baseURL: "https://127.0.0.1:\(port)", trustedCertificates: folder + "/ca.pem").send("GET", "/")
            #expect(answer.status == 200)
            #expect(isUntrusted("https://localhost:\(port)", folder + "/ca.pem"))
        }
        #expect(throws: HTTPClientError.invalidCertificates) { try HTTPClient(baseURL: "https://a", trustedCertificates: "/no/such") }
    }

    @Test func `old protocols, plain text and an expired certificate are refused`() throws {
        try serve(name: "DNS:localhost", "-tls1_1 -cipher ALL:@SECLEVEL=0") { port, folder in
            #expect(isUntrusted("https://localhost:\(port)", folder + "/ca.pem"))
        }
        try serve(name: "DNS:localhost", "-no_tls1_3") { port, folder in
            let answer = try HTTPClient(baseURL: "https://localhost:\(port)", trustedCertificates: folder + "/ca.pem").send("GET", "/")
            #expect(answer.text.contains("TLSv1.2"))
            #expect(throws: HTTPClientError.self) { try HTTPClient(baseURL: "http://localhost:\(port)").send("GET", "/") }
        }
    }
}
