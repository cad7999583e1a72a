import COpenSSL

/// What a `Sealer` keeps between calls: a context for each master key, one for the data key used last, and random bytes in store.
struct SealerState: ~Copyable, @unchecked Sendable {  // unchecked: it has one owner, and its contexts never leave it
    private let masters: [UInt16: AES256GCM]
    private let currentMasterKeyID: UInt16
    private let personal: AES256GCM
    /// The key that `personal` knows. A person's fields come one after another, and a change of key costs as much as a field.
    private var personalKey: DataKey
    private var random = RandomSupply()

    init(_ keys: Keys) {
        masters = keys.masterKeys.mapValues { AES256GCM(key: $0) }
        currentMasterKeyID = keys.currentMasterKeyID
        let first = DataKey { SecureRandom.fill($0) }
        personalKey = first
        personal = AES256GCM(key: first.withBytes { Array($0) })
    }

    mutating func newDataKey() -> DataKey {
        DataKey { random.take(into: $0) }
    }

    mutating func seal(
        _ plaintext: UnsafeRawBufferPointer, under key: DataKey?, _ column: SealedColumn, _ row: Int64,
        into output: UnsafeMutableRawBufferPointer
    ) {
        let header = SealedEnvelope.Header(keyID: key == nil ? currentMasterKeyID : SealedEnvelope.dataKeyID)
        guard let cipher = cipher(of: key, id: header.keyID) else { preconditionFailure("the current master key was there at the start") }
        header.write(to: output)
        let nonceEnd = SealedEnvelope.Header.byteCount + AES256GCM.nonceByteCount
        let nonce = UnsafeMutableRawBufferPointer(rebasing: output[SealedEnvelope.Header.byteCount..<nonceEnd])
        random.take(into: nonce)
        let sealed = UnsafeMutableRawBufferPointer(rebasing: output[nonceEnd...])
        column.withAuthenticatedData(header: header, row: row) { data in
            cipher.seal(plaintext, nonce: UnsafeRawBufferPointer(nonce), authenticating: data, into: sealed)
        }
    }

    /// Nil, or what is wrong; then nothing in `output` may be used.
    mutating func open(
        _ envelope: UnsafeRawBufferPointer, under key: DataKey?, _ column: SealedColumn, _ row: Int64,
        into output: UnsafeMutableRawBufferPointer
    ) -> CryptoError? {
        guard let parts = SealedEnvelope.Parts(envelope) else { return .malformed("not an envelope of version 1 and algorithm 1") }
        let id = parts.header.keyID
        guard (id == SealedEnvelope.dataKeyID) == (key != nil) else { return .malformed("sealed under the other kind of key") }
        guard let cipher = cipher(of: key, id: id) else { return .unknownKey(id) }
        let authentic = column.withAuthenticatedData(header: parts.header, row: row) { data in
            cipher.open(parts.sealed, nonce: parts.nonce, authenticating: data, into: output)
        }
        guard authentic else {
            wipe(output)
            return .notAuthentic
        }
        return nil
    }

    private mutating func cipher(of key: DataKey?, id: UInt16) -> AES256GCM? {
        guard let key else { return masters[id] }
        if !key.isSame(as: personalKey) {
            key.withBytes { personal.setKey($0) }
            personalKey = key
        }
        return personal
    }
}

/// Overwrites a secret in a way that the optimizer leaves in place.
func wipe(_ buffer: UnsafeMutableRawBufferPointer) {
    OPENSSL_cleanse(buffer.baseAddress, buffer.count)
}
