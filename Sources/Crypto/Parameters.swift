import COpenSSL

/// A named setting that libcrypto's newer interfaces take in an array (`OSSL_PARAM`).
enum Parameter {
    case text(String, String)
    case bytes(String, [UInt8])
}

/// Calls `body` with the settings in libcrypto's form, valid during the call only.
func withParameters<Result>(_ parameters: [Parameter], _ body: (UnsafePointer<OSSL_PARAM>) -> Result) -> Result {
    var buffers: [UnsafeMutableBufferPointer<CChar>] = []
    defer { buffers.forEach { $0.deallocate() } }
    func kept(_ bytes: some Collection<UInt8>) -> UnsafeMutablePointer<CChar>? {
        let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count + 1)
        _ = buffer.initialize(from: bytes.map { CChar(bitPattern: $0) } + [0])
        buffers.append(buffer)
        return buffer.baseAddress
    }
    var made: [OSSL_PARAM] = []
    for parameter in parameters {
        switch parameter {
        case .text(let name, let text):
            made.append(OSSL_PARAM_construct_utf8_string(kept(name.utf8), kept(text.utf8), 0))
        case .bytes(let name, let bytes):
            made.append(OSSL_PARAM_construct_octet_string(kept(name.utf8), kept(bytes), bytes.count))
        }
    }
    made.append(OSSL_PARAM_construct_end())
    return made.withUnsafeBufferPointer { settings in
        guard let start = settings.baseAddress else { preconditionFailure("the end mark makes the array non-empty") }
        return body(start)
    }
}
