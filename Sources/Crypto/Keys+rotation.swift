extension Keys {
    /// With one more master key, random, that nothing is sealed under yet.
    package func addingMasterKey() -> Keys? {
        guard let id = UInt16(exactly: Int(masterKeys.keys.max() ?? 0) + 1) else { return nil }
        return with(masterKeys.merging([id: SecureRandom.bytes(32)]) { old, _ in old }, current: currentMasterKeyID)
    }

    /// Sealing under the newest master key from now on.
    package func promotingNewestMasterKey() -> Keys {
        with(masterKeys, current: masterKeys.keys.max() ?? currentMasterKeyID)
    }

    /// With the current master key alone: whatever was sealed under another can never be read again.
    package func destroyingOtherMasterKeys() -> Keys {
        with(masterKeys.filter { $0.key == currentMasterKeyID }, current: currentMasterKeyID)
    }

    /// What tells a master key from another of the same number: an HMAC under the key itself, 32 bytes.
    package func masterKeyFingerprints() -> [UInt16: [UInt8]] {
        masterKeys.mapValues { HMACKey($0).authenticate(Array("waystation master key".utf8)) }
    }

    private func with(_ masterKeys: [UInt16: [UInt8]], current: UInt16) -> Keys {
        Keys(
            masterKeys: masterKeys, currentMasterKeyID: current, blindIndexSecret: blindIndexSecret, memberCodeKeys: memberCodeKeys,
            currentMemberCodeKeyID: currentMemberCodeKeyID)
    }
}
