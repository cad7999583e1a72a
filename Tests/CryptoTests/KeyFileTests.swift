import Crypto
import Glibc
import Testing

@Suite struct KeyFileTests {
    @Test func `an absent file is made with random keys, for its owner only, and found again`() throws {
        try withFolder { folder in
            let path = folder + "/keys.json"
            #expect(throws: KeyFileError.notFound(path: path)) { try KeyFile.open(path: path) }
            let keys = try KeyFile.openOrCreate(path: path)
            #expect(try KeyFile.openOrCreate(path: path) == keys)
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
            #expect(try names(in: folder) == ["keys.json"])
            #expect(try KeyFile.create(path: folder + "/others.json") != keys)
            #expect(keys.masterKeys[keys.currentMasterKeyID]?.count == 32)
            #expect(throws: KeyFileError.exists(path: path)) { try KeyFile.create(path: path) }
            #expect(try KeyFile.open(path: path) == keys)
        }
    }

    @Test func `many that start at once get the same keys`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let all = await withTaskGroup(of: Result<Keys, KeyFileError>.self) { group in
            for _ in 0..<16 {
                group.addTask { @concurrent in
                    do throws(KeyFileError) { return .success(try KeyFile.openOrCreate(path: folder + "/keys")) } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(try all.map { try $0.get() }).count == 1)
        #expect(try names(in: folder) == ["keys"])
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o602, 0o610, 0o666] as [mode_t]) func `a file open to others is refused`(mode: mode_t) throws {
        try withFolder { folder in
            let path = folder + "/keys"
            _ = try KeyFile.create(path: path)
            chmod(path, mode)
            #expect(throws: KeyFileError.exposed(path: path, mode: mode)) { try KeyFile.openOrCreate(path: path) }
        }
    }

    @Test func `a file with any character of a secret changed, or cut anywhere, is refused and left alone`() throws {
        try withFolder { folder in
            let path = folder + "/keys"
            let keys = try KeyFile.create(path: path)
            let content = try read(path)
            for position in content.indices {
                try write(Array(content[..<position]), to: path)
                if position < content.count - 1 {  // the last byte is the line's end
                    expectDamaged(path)
                }
                var changed = content
                changed[position] = changed[position] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                try write(changed, to: path)
                do {
                    // A changed blank outside of a secret may still read; then nothing of the keys may differ.
                    #expect(try KeyFile.openOrCreate(path: path) == keys)
                } catch {
                    expectDamaged(path)
                }
                #expect(try read(path) == changed)
            }
        }
    }

    @Test func `a file that holds something else is refused`() throws {
        let contents = [
            "", "{}", "null", "[]", "\u{FEFF}{}", "not JSON", String(repeating: "[", count: 100_000),
            String(repeating: " ", count: 2 << 20),
        ]
        for content in contents {
            try withFolder { folder in
                try write(Array(content.utf8), to: folder + "/keys")
                expectDamaged(folder + "/keys")
            }
        }
    }

    @Test func `secrets that changed places are refused`() throws {
        try withFolder { folder in
            let path = folder + "/keys"
            _ = try KeyFile.create(path: path)
            let text = String(decoding: try read(path), as: UTF8.self)
            let exchanged = text.split(separator: "\n").map { line in
                line.contains("hmacSecret")
                    ? line.replacing("hmacSecret", with: "signingSeed") : line.replacing("signingSeed", with: "hmacSecret")
            }
            try write(Array(exchanged.joined(separator: "\n").utf8), to: path)
            expectDamaged(path)
        }
    }

    @Test func `a folder that is not there, and a folder in the file's place, are told apart`() throws {
        try withFolder { folder in
            #expect {
                try KeyFile.openOrCreate(path: folder + "/none/keys")
            } throws: {
                if case KeyFileError.system(_, "open", ENOENT) = $0 { true } else { false }
            }
            expectDamaged(folder)
        }
    }

    @Test func `the operator's sentence names the file and says what to do`() {
        let sentence = KeyFileError.exposed(path: "/srv/keys.json", mode: 0o644).description
        #expect(sentence == "the key file /srv/keys.json is open to others (mode 644): make it yours alone with chmod 600")
    }

    private func expectDamaged(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(sourceLocation: sourceLocation) {
            try KeyFile.openOrCreate(path: path)
        } throws: {
            if case KeyFileError.damaged = $0 { true } else { false }
        }
    }
}
