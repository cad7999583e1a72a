import Crypto
import Runtime
import Synchronization
import TestSupport
import Testing

@testable import Registry

struct PasswordTests {
    @Test(arguments: [
        "correct horse battery", "驿站里有热水和充电器", "Tr0ub4dor&3", "zhè shì mìmǎ", "x9!kQ2#p", "        a b c", "德保红枫2026秋天",
    ])
    func `any eight characters are a password`(password: String) {
        #expect(PasswordRules.fault(password, accountName: "王主席") == nil)
    }

    @Test(arguments: [
        ("", PasswordRules.Fault.tooShort), ("x9!kQ2#", .tooShort), ("驿站里有热水充", .tooShort), (String(repeating: "长", count: 171), .tooLong),
        ("password", .common), ("PASSWORD", .common), ("Password1!", .common), ("Qwerty2026", .common), ("12345678", .common),
        ("87654321", .common), ("1234567890", .common), ("abcdefgh", .common), ("aaaaaaaa", .common), ("abababab", .common),
        ("woaini1314", .common), ("a123456789", .common), ("admin@2026", .common), ("5201314520", .common), ("德德德德德德德德", .common),
        ("Wang Zhuxi", .containsName), ("wang zhuxi1", .containsName), ("1wang zhuxi", .containsName),
    ])
    func `what everybody tries first is none`(password: String, fault: PasswordRules.Fault) {
        #expect(PasswordRules.fault(password, accountName: "Wang Zhuxi") == fault, "\(password)")
    }

    @Test func `the list holds what it is meant to hold`() {
        for password in CommonPasswords.all { #expect(password.count >= PasswordRules.lengthMin && password == password.lowercased()) }
        #expect(CommonPasswords.all.count > 150)
    }

    @Test(arguments: SeededGenerator.seeds(3))
    func `random passwords are taken`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
        for _ in 0..<1_000 {
            let password = String((0..<12).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
            #expect(PasswordRules.fault(password, accountName: "owner") == nil, "\(password), seed \(seed)")
        }
    }

    private static let cheap = PasswordHasher.Cost(costN: 16, blockSizeR: 8, parallelismP: 1)

    @Test func `a password is known by what was kept of it, only under its key file`() async throws {
        let keys = Keys.random()
        let hasher = PasswordHasher(keys, cost: Self.cheap)
        let hash = try await hasher.hash("correct horse battery")
        #expect(try await hasher.verifies("correct horse battery", hash))
        #expect(try await !hasher.verifies("correct horse batterY", hash))
        #expect(try await !hasher.verifies("", hash))
        #expect(try await !hasher.verifies("correct horse battery", nil))
        #expect(try await !PasswordHasher(Keys.random(), cost: Self.cheap).verifies("correct horse battery", hash))
        #expect(try await PasswordHasher(keys).verifies("correct horse battery", hash), "an old hash keeps its own cost")
        #expect(try await hasher.hash("correct horse battery") != hash, "salted")
    }

    @Test func `two derive at once, some wait, the rest are told to come back`() async throws {
        let hasher = PasswordHasher(Keys.random(), cost: PasswordHasher.Cost(costN: 1 << 14, blockSizeR: 8, parallelismP: 1))
        let count = 120
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<count {
                group.addTask {
                    do throws(PasswordHasher.Busy) {
                        _ = try await hasher.hash("correct horse battery")
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let derived = outcomes.count { $0 }
        #expect(outcomes.count == count && derived >= PasswordHasher.runningMax + PasswordHasher.waitingMax)
        #expect(derived < count, "a flood is cut")
        #expect(hasher.runningPeak == PasswordHasher.runningMax)
        _ = try await hasher.hash("afterwards there is room again")
        #expect(PasswordHasher.runningMax * PasswordHasher.Cost().memoryBytes <= 64 << 20)
    }

    @Test func `a loop goes on answering while passwords are derived`() async throws {
        let hasher = PasswordHasher(Keys.random())
        let loop = TestLoops.all[0]
        let isDone = Atomic(false)
        // Started on the loop, as a request's handler starts it; counted on the same loop meanwhile.
        async let derived = TestLoops.run(on: loop) {
            let hash = try await hasher.hash("correct horse battery")
            isDone.store(true, ordering: .releasing)
            return hash
        }
        let turns = try await TestLoops.run(on: loop) {
            var turns = 0
            while !isDone.load(ordering: .acquiring) {
                turns += 1
                await Task.yield()
            }
            return turns
        }
        #expect(try await hasher.verifies("correct horse battery", derived))
        #expect(turns > 100, "scrypt takes tenths of a second, a turn of the loop microseconds")
    }
}
