import Crypto
import Runtime
import TestSupport
import Testing

@Suite struct SealingTests {
    static let vectors: [(key: String, nonce: String, plaintext: String, data: String, sealed: String)] = [
        (
            String(repeating: "00", count: 32), String(repeating: "00", count: 12), "", "", "530f8afbc74536b9a963b4f1c4cb738b"
        ),
        (
            String(repeating: "00", count: 32), String(repeating: "00", count: 12), String(repeating: "00", count: 16), "",
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
        ),
        (
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                + "76fc6ece0f4e1768cddf8853bb2d551b"
        ),
    ]

    @Test(arguments: vectors) func `AES-256-GCM seals and opens its published test cases`(
        key: String, nonce: String, plaintext: String, data: String, sealed: String
    ) throws {
        let (key, nonce, plaintext) = (try bytes(key), try bytes(nonce), try bytes(plaintext))
        let cipher = AES256GCM(key: key)
        for _ in 0..<2 {
            #expect(Hex.encode(cipher.seal(plaintext, nonce: nonce, authenticating: try bytes(data))) == sealed)
            #expect(cipher.open(try bytes(sealed), nonce: nonce, authenticating: try bytes(data)) == plaintext)
            #expect(cipher.open(try bytes(sealed), nonce: nonce, authenticating: try bytes(data) + [0]) == nil)
        }
        #expect(cipher.open([1, 2, 3], nonce: nonce, authenticating: []) == nil)
    }

    static let name = SealedColumn(table: "member", column: "name")
    static let phone = SealedColumn(table: "member", column: "phone")
    static let wrapped = SealedColumn(table: "member_key", column: "wrapped_key")

    @Test(arguments: SeededGenerator.seeds(10)) func `fields of many persons, sealed and opened in any order, come back`(seed: UInt64)
        throws
    {
        var random = SeededGenerator(seed: seed)
        let sealer = Sealer(.random())
        let keys = (0..<5).map { _ in sealer.newDataKey() }
        var sealed: [(person: Int, text: String, envelope: [UInt8])] = []
        for _ in 0..<200 {
            let person = Int.random(in: 0..<5, using: &random)
            if Bool.random(using: &random), let some = sealed.randomElement(using: &random) {
                #expect(try sealer.openText(some.envelope, with: keys[some.person], in: Self.name, row: Int64(some.person)) == some.text)
            } else {
                let text = String(repeating: "王", count: Int.random(in: 0...40, using: &random))
                let envelope = sealer.seal(text, with: keys[person], in: Self.name, row: Int64(person))
                #expect(envelope.count == text.utf8.count + SealedEnvelope.overheadByteCount)
                sealed.append((person, text, envelope))
            }
        }
        #expect(Set(sealed.map { Array($0.envelope[4..<16]) }).count == sealed.count, "a nonce came twice")
    }

    @Test func `an envelope moved to another column, row or person does not open`() throws {
        let sealer = Sealer(.random())
        let (key, other) = (sealer.newDataKey(), sealer.newDataKey())
        let envelope = sealer.seal("13800005678", with: key, in: Self.phone, row: 12)
        #expect(try sealer.openText(envelope, with: key, in: Self.phone, row: 12) == "13800005678")
        #expect(throws: CryptoError.notAuthentic) { try sealer.open(envelope, with: key, in: Self.name, row: 12) }
        #expect(throws: CryptoError.notAuthentic) {
            try sealer.open(envelope, with: key, in: SealedColumn(table: "person", column: "phone"), row: 12)
        }
        for row: Int64 in [-12, 1, 2, 13, 112, 120, 21, .max, .min] {
            #expect(throws: CryptoError.notAuthentic) { try sealer.open(envelope, with: key, in: Self.phone, row: row) }
        }
        #expect(throws: CryptoError.notAuthentic) { try sealer.open(envelope, with: other, in: Self.phone, row: 12) }
        #expect(throws: CryptoError.self) { try sealer.open(envelope, in: Self.phone, row: 12) }
    }

    @Test func `every flipped bit and every cut of an envelope is refused`() throws {
        let sealer = Sealer(.random())
        let key = sealer.newDataKey()
        let field = sealer.seal("320102199001011234", with: key, in: Self.name, row: .min)
        for bit in 0..<field.count * 8 {
            #expect(throws: CryptoError.self) { try sealer.open(flipped(field, bit), with: key, in: Self.name, row: .min) }
        }
        for count in 0..<field.count {
            #expect(throws: CryptoError.self) { try sealer.open(Array(field[..<count]), with: key, in: Self.name, row: .min) }
        }
        let envelope = sealer.wrap(key, in: Self.wrapped, row: 7)
        for bit in 0..<envelope.count * 8 {
            #expect(throws: CryptoError.self) { try sealer.unwrap(flipped(envelope, bit), in: Self.wrapped, row: 7) }
        }
    }

    @Test func `a data key wrapped under an old master key still opens after a change of keys`() throws {
        let old = Keys.random()
        let key = Sealer(old).newDataKey()
        let wrapped = Sealer(old).wrap(key, in: Self.wrapped, row: 7)
        let field = Sealer(old).seal("王小明", with: key, in: Self.name, row: 7)
        #expect(wrapped.count == 64)

        let changed = Keys(
            masterKeys: old.masterKeys.merging([2: SecureRandom.bytes(32)]) { $1 }, currentMasterKeyID: 2,
            blindIndexSecret: old.blindIndexSecret, memberCodeKeys: old.memberCodeKeys, currentMemberCodeKeyID: old.currentMemberCodeKeyID)
        let sealer = Sealer(changed)
        let unwrapped = try sealer.unwrap(wrapped, in: Self.wrapped, row: 7)
        #expect(try sealer.openText(field, with: unwrapped, in: Self.name, row: 7) == "王小明")
        let rewrapped = sealer.wrap(unwrapped, in: Self.wrapped, row: 7)
        #expect(SealedEnvelope.keyID(of: wrapped) == 1)
        #expect(SealedEnvelope.keyID(of: rewrapped) == 2)
        #expect(SealedEnvelope.keyID(of: field) == SealedEnvelope.dataKeyID)
        #expect(SealedEnvelope.keyID(of: [1, 2, 3]) == nil)
        #expect(throws: CryptoError.unknownKey(2)) { try Sealer(old).unwrap(rewrapped, in: Self.wrapped, row: 7) }
    }

    @Test func `what is sealed under the master key opens in its place only`() throws {
        let sealer = Sealer(.random())
        let envelope = sealer.seal([1, 2, 3], in: Self.name, row: 1)
        #expect(try sealer.open(envelope, in: Self.name, row: 1) == [1, 2, 3])
        #expect(throws: CryptoError.notAuthentic) { try sealer.open(envelope, in: Self.name, row: 2) }
        #expect(throws: CryptoError.self) { try sealer.open(envelope, with: sealer.newDataKey(), in: Self.name, row: 1) }
    }

    @Test func `printing keys shows none of them`() {
        let keys = Keys.random()
        var dumped = ""
        dump(keys, to: &dumped)
        dump(Sealer(keys).newDataKey(), to: &dumped)
        dump(MemberCodeKey.random(), to: &dumped)
        let printed = "\(keys)" + dumped
        #expect(printed.allSatisfy { !$0.isNumber })
    }

    private func bytes(_ text: String) throws -> [UInt8] { try #require(Hex.decode(text)) }
}
