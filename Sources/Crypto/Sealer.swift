import Synchronization

/// Seals and opens the fields of the database that hold personal data, with AES-256-GCM.
///
/// A person's fields are sealed under that person's data key, and the data key under the current master key of the key file. Every
/// envelope is bound
/// to its table, column and row: moved elsewhere it does not open. Contexts and random bytes are kept between calls (about 0.3 µs a short
/// field),
/// behind a lock: sharing one is safe; whoever seals by the million has one to themselves.
package final class Sealer: Sendable {
    private let state: Mutex<SealerState>

    package init(_ keys: Keys) {
        state = Mutex(SealerState(keys))
    }

    /// A new person's key, random.
    package func newDataKey() -> DataKey {
        state.withLock { $0.newDataKey() }
    }

    /// `key` under the current master key, 64 bytes.
    package func wrap(_ key: DataKey, in column: SealedColumn, row: Int64) -> [UInt8] {
        key.withBytes { seal($0, under: nil, column, row) }
    }

    /// The data key in `envelope`, under whichever master key it names.
    package func unwrap(_ envelope: [UInt8], in column: SealedColumn, row: Int64) throws(CryptoError) -> DataKey {
        var bytes = try open(envelope, under: nil, column, row)
        guard bytes.count == DataKey.byteCount else { throw .malformed("a data key has 32 bytes") }
        let key = DataKey { $0.copyBytes(from: bytes) }
        bytes.withUnsafeMutableBytes { wipe($0) }
        return key
    }

    /// `plaintext` under a person's key, 32 bytes longer than it.
    package func seal(_ plaintext: RawSpan, with key: DataKey, in column: SealedColumn, row: Int64) -> [UInt8] {
        plaintext.withUnsafeBytes { seal($0, under: key, column, row) }
    }

    /// `plaintext` under a person's key, 32 bytes longer than it.
    package func seal(_ plaintext: [UInt8], with key: DataKey, in column: SealedColumn, row: Int64) -> [UInt8] {
        plaintext.withUnsafeBytes { seal($0, under: key, column, row) }
    }

    /// The UTF-8 of `plaintext` under a person's key, 32 bytes longer than it.
    package func seal(_ plaintext: String, with key: DataKey, in column: SealedColumn, row: Int64) -> [UInt8] {
        seal(plaintext.utf8.span.bytes, with: key, in: column, row: row)
    }

    /// What was sealed under a person's key.
    package func open(_ envelope: [UInt8], with key: DataKey, in column: SealedColumn, row: Int64) throws(CryptoError) -> [UInt8] {
        try open(envelope, under: key, column, row)
    }

    /// The text that was sealed under a person's key.
    package func openText(_ envelope: [UInt8], with key: DataKey, in column: SealedColumn, row: Int64) throws(CryptoError) -> String {
        guard let text = String(validating: try open(envelope, under: key, column, row), as: UTF8.self) else {
            throw .malformed("the sealed text is not UTF-8")
        }
        return text
    }

    /// `plaintext` under the current master key: for secrets that are no person's.
    package func seal(_ plaintext: [UInt8], in column: SealedColumn, row: Int64) -> [UInt8] {
        plaintext.withUnsafeBytes { seal($0, under: nil, column, row) }
    }

    /// What was sealed under the master key that the envelope names.
    package func open(_ envelope: [UInt8], in column: SealedColumn, row: Int64) throws(CryptoError) -> [UInt8] {
        try open(envelope, under: nil, column, row)
    }

    private func seal(_ plaintext: UnsafeRawBufferPointer, under key: DataKey?, _ column: SealedColumn, _ row: Int64) -> [UInt8] {
        let count = plaintext.count + SealedEnvelope.overheadByteCount
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let output = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count)
            state.withLock { $0.seal(plaintext, under: key, column, row, into: output) }
            initialized = count
        }
    }

    private func open(_ envelope: [UInt8], under key: DataKey?, _ column: SealedColumn, _ row: Int64) throws(CryptoError) -> [UInt8] {
        let limit = max(0, envelope.count - SealedEnvelope.overheadByteCount)
        var failure: CryptoError?
        let plaintext = [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
            let output = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: limit)
            failure = envelope.withUnsafeBytes { envelope in
                state.withLock { $0.open(envelope, under: key, column, row, into: output) }
            }
            initialized = failure == nil ? limit : 0
        }
        if let failure { throw failure }
        return plaintext
    }
}
