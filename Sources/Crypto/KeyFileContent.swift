import FoundationEssentials

/// The JSON of the key file. Each secret carries a check of its own bytes, its purpose and its id, so that damage is seen before it
/// decides anything.
enum KeyFileContent {
    /// What is wrong with the content; the reason quotes nothing of it.
    struct Damage: Error {
        let reason: String
    }

    private static let format = "waystation keys 1"
    private static let checkByteCount = 4

    private struct Content: Codable {
        struct MasterKey: Codable {
            let id: UInt16
            let secret: String
        }
        struct CodeKey: Codable {
            let id: UInt8
            let hmacSecret: String
            let signingSeed: String
        }
        let format: String
        let currentMasterKey: UInt16
        let masterKeys: [MasterKey]
        let blindIndexSecret: String
        let currentMemberCodeKey: UInt8
        let memberCodeKeys: [CodeKey]
    }

    static func bytes(of keys: Keys) -> [UInt8] {
        let content = Content(
            format: format,
            currentMasterKey: keys.currentMasterKeyID,
            masterKeys: keys.masterKeys.sorted { $0.key < $1.key }.map { id, secret in
                .init(id: id, secret: text(of: secret, "master \(id)"))
            },
            blindIndexSecret: text(of: keys.blindIndexSecret, "blind index"),
            currentMemberCodeKey: keys.currentMemberCodeKeyID,
            memberCodeKeys: keys.memberCodeKeys.sorted { $0.key < $1.key }.map { id, key in
                .init(
                    id: id,
                    hmacSecret: text(of: key.hmacSecret, "code hmac \(id)"),
                    signingSeed: text(of: key.signingSeed, "code seed \(id)"))
            })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        do {
            return Array(try encoder.encode(content)) + [UInt8(ascii: "\n")]
        } catch {
            preconditionFailure("strings and integers always encode")
        }
    }

    static func keys(in bytes: [UInt8]) throws(Damage) -> Keys {
        let content: Content
        do {
            content = try JSONDecoder().decode(Content.self, from: Data(bytes))
        } catch {
            // The decoder's own words may quote the content.
            throw Damage(reason: "not JSON of the expected form")
        }
        guard content.format == format else { throw Damage(reason: "of an unknown format") }
        var masterKeys: [UInt16: [UInt8]] = [:]
        for key in content.masterKeys {
            guard key.id != SealedEnvelope.dataKeyID, masterKeys[key.id] == nil else {
                throw Damage(reason: "a master key's id is 0 or there twice")
            }
            masterKeys[key.id] = try secret(in: key.secret, "master \(key.id)")
        }
        var codeKeys: [UInt8: MemberCodeKey] = [:]
        for key in content.memberCodeKeys {
            guard codeKeys[key.id] == nil else { throw Damage(reason: "a member-code key's id is there twice") }
            codeKeys[key.id] = MemberCodeKey(
                hmacSecret: try secret(in: key.hmacSecret, "code hmac \(key.id)"),
                signingSeed: try secret(in: key.signingSeed, "code seed \(key.id)"))
        }
        guard masterKeys[content.currentMasterKey] != nil else { throw Damage(reason: "the current master key is missing") }
        guard codeKeys[content.currentMemberCodeKey] != nil else { throw Damage(reason: "the current member-code key is missing") }
        return Keys(
            masterKeys: masterKeys, currentMasterKeyID: content.currentMasterKey,
            blindIndexSecret: try secret(in: content.blindIndexSecret, "blind index"),
            memberCodeKeys: codeKeys, currentMemberCodeKeyID: content.currentMemberCodeKey)
    }

    private static func text(of secret: [UInt8], _ purpose: String) -> String {
        Base64URL.encode(secret + check(of: secret, purpose))
    }

    private static func secret(in text: String, _ purpose: String) throws(Damage) -> [UInt8] {
        guard let bytes = Base64URL.decode(text), bytes.count == 32 + checkByteCount else {
            throw Damage(reason: "the secret \"\(purpose)\" is not 36 bytes of base64url")
        }
        let secret = Array(bytes[..<32])
        guard Array(bytes[32...]) == check(of: secret, purpose) else {
            throw Damage(reason: "the secret \"\(purpose)\" does not match its check")
        }
        return secret
    }

    private static func check(of secret: [UInt8], _ purpose: String) -> [UInt8] {
        Array(SHA256.hash(Array("waystation key check|\(purpose)|".utf8) + secret)[..<checkByteCount])
    }
}
