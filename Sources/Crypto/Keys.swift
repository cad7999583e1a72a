/// The service's secrets, as the key file holds them.
package struct Keys: Hashable, Sendable {
    /// Keys of 32 bytes that wrap the persons' data keys, by id from 1.
    package let masterKeys: [UInt16: [UInt8]]
    /// The one that new envelopes are sealed under; the others only open old ones.
    package let currentMasterKeyID: UInt16
    /// 32 bytes; every field's blind index derives its key from them.
    package let blindIndexSecret: [UInt8]
    /// The keys of member codes, by the id that stands in the code.
    package let memberCodeKeys: [UInt8: MemberCodeKey]
    /// The one that new codes are made with; the others only check old ones.
    package let currentMemberCodeKeyID: UInt8

    /// Every secret has 32 bytes, and the current keys are among the keys.
    package init(
        masterKeys: [UInt16: [UInt8]], currentMasterKeyID: UInt16, blindIndexSecret: [UInt8],
        memberCodeKeys: [UInt8: MemberCodeKey], currentMemberCodeKeyID: UInt8
    ) {
        precondition(masterKeys[currentMasterKeyID] != nil, "the current master key is among the keys")
        precondition(masterKeys[SealedEnvelope.dataKeyID] == nil, "master keys have ids from 1")
        precondition(memberCodeKeys[currentMemberCodeKeyID] != nil, "the current member-code key is among the keys")
        precondition(masterKeys.values.allSatisfy { $0.count == 32 } && blindIndexSecret.count == 32, "a secret has 32 bytes")
        self.masterKeys = masterKeys
        self.currentMasterKeyID = currentMasterKeyID
        self.blindIndexSecret = blindIndexSecret
        self.memberCodeKeys = memberCodeKeys
        self.currentMemberCodeKeyID = currentMemberCodeKeyID
    }

    /// New secrets, one key of each kind, with the id 1.
    package static func random() -> Keys {
        Keys(
            masterKeys: [1: SecureRandom.bytes(32)], currentMasterKeyID: 1, blindIndexSecret: SecureRandom.bytes(32),
            memberCodeKeys: [1: .random()], currentMemberCodeKeyID: 1)
    }
}

/// What member codes are made and checked with.
package struct MemberCodeKey: Hashable, Sendable {
    /// 32 bytes; the server checks a code with them.
    package let hmacSecret: [UInt8]
    /// The seed of an Ed25519 key, 32 bytes; stations hold the public key only.
    package let signingSeed: [UInt8]

    package init(hmacSecret: [UInt8], signingSeed: [UInt8]) {
        precondition(hmacSecret.count == 32 && signingSeed.count == 32, "a secret has 32 bytes")
        self.hmacSecret = hmacSecret
        self.signingSeed = signingSeed
    }

    package static func random() -> MemberCodeKey {
        MemberCodeKey(hmacSecret: SecureRandom.bytes(32), signingSeed: SecureRandom.bytes(32))
    }
}

// Whoever prints these by accident prints no secret.
extension Keys: CustomStringConvertible, CustomReflectable {
    package var description: String { "Keys(hidden)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension MemberCodeKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "MemberCodeKey(hidden)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
