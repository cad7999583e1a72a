import COpenSSLTLS

/// The settings that the TLS sessions of one client share: which certificates are trusted, TLS 1.2 at the least.
final class TLSContext {
    let pointer: OpaquePointer

    /// - Parameter trustedCertificates: a PEM file of certificates that are trusted instead of the system's.
    init(trustedCertificates: String?) throws(HTTPClientError) {
        guard let made = SSL_CTX_new(TLS_client_method()) else { preconditionFailure("OpenSSL makes a context or memory is out") }
        pointer = made
        copenssl_set_oldest_version(made)
        SSL_CTX_set_verify(made, SSL_VERIFY_PEER, nil)
        let isLoaded =
            trustedCertificates.map { SSL_CTX_load_verify_file(made, $0) == 1 } ?? (SSL_CTX_set_default_verify_paths(made) == 1)
        guard isLoaded else {
            ERR_clear_error()
            throw .invalidCertificates
        }
    }

    deinit { SSL_CTX_free(pointer) }
}

/// TLS between bytes and bytes: the socket is somebody else's, so every wait keeps its deadline.
final class TLSSession {
    enum Step { case done, needsInput, closed }

    private let session: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer

    /// A client's side towards `host`, a name or an address, which the certificate must name.
    init(_ context: TLSContext, host: String) throws(HTTPClientError) {
        guard let made = SSL_new(context.pointer), let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
            preconditionFailure("OpenSSL makes a session or memory is out")
        }
        (session, input, output) = (made, incoming, outgoing)
        // The session owns both from here on.
        SSL_set_bio(made, incoming, outgoing)
        SSL_set_connect_state(made)
        SSL_set_hostflags(made, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        let isSet: Bool
        if NetworkAddress(literal: host, port: 0) != nil {
            isSet = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(made), host) == 1
        } else {
            isSet = SSL_set1_host(made, host) == 1 && copenssl_set_server_name(made, host) == 1
        }
        guard isSet else { throw .invalidAddress }
    }

    deinit { SSL_free(session) }

    func handshake() throws(HTTPClientError) -> Step {
        ERR_clear_error()
        return try step(SSL_do_handshake(session))
    }

    /// Seals `bytes`, which then wait in `takeOutput`.
    func write(_ bytes: [UInt8]) throws(HTTPClientError) {
        guard !bytes.isEmpty else { return }
        ERR_clear_error()
        var written = 0
        // A memory sink takes all of it at once.
        guard SSL_write_ex(session, bytes, bytes.count, &written) == 1, written == bytes.count else { throw failure() }
    }

    /// Opens what has come, as far as it makes whole records.
    func read(into bytes: inout [UInt8]) throws(HTTPClientError) -> Step {
        var piece = [UInt8](repeating: 0, count: 16_384)
        while true {
            ERR_clear_error()
            var count = 0
            let result = SSL_read_ex(session, &piece, piece.count, &count)
            guard result == 1 else { return try step(result) }
            bytes += piece[..<count]
        }
    }

    /// Gives what came from the socket.
    func give(_ bytes: [UInt8]) {
        let count = BIO_write(input, bytes, CInt(bytes.count))
        precondition(Int(count) == bytes.count, "a memory sink takes all")
    }

    /// What is to go to the socket.
    func takeOutput() -> [UInt8] {
        let count = BIO_ctrl_pending(output)
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = Int(max(0, BIO_read(output, buffer.baseAddress, CInt(count))))
        }
    }

    private func step(_ result: CInt) throws(HTTPClientError) -> Step {
        if result == 1 { return .done }
        switch SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .needsInput
        case SSL_ERROR_ZERO_RETURN: return .closed
        default: throw failure()
        }
    }

    private func failure() -> HTTPClientError {
        let verification = SSL_get_verify_result(session)
        let code = ERR_get_error()
        ERR_clear_error()
        if verification != X509_V_OK, let text = X509_verify_cert_error_string(verification) { return .untrusted(String(cString: text)) }
        guard code != 0, let text = ERR_reason_error_string(code) else { return .closed }
        return .untrusted(String(cString: text))
    }
}
