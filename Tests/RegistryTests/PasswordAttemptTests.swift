import Crypto
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

/// Both sides of counting passwords: guessing stays bounded, and the owner of a name gets in.
struct PasswordAttemptTests {
    private static let keys = Keys.random()
    private static let name = "李经理"

    /// A clock that stands where it is put, by the offset from the database's.
    private func attempts(_ database: Database, atSeconds seconds: Int) -> PasswordAttempts {
        PasswordAttempts(
            attempts: AttemptStore(database: database, clock: Clock(offsetMicroseconds: Int64(seconds) * 1_000_000)),
            limits: AttemptLimits(Self.keys))
    }

    private func isTaken(_ address: String, _ database: Database, atSeconds seconds: Int, name: String = name) async throws -> Bool {
        switch try await attempts(database, atSeconds: seconds).take(name: name, address: Array(address.utf8)) {
        case .taken: true
        case .wait: false
        }
    }

    private func signIn(_ address: String, _ database: Database, atSeconds seconds: Int, name: String = name) async throws -> Bool {
        let counted = attempts(database, atSeconds: seconds)
        guard case .taken(let taken) = try await counted.take(name: name, address: Array(address.utf8)) else { return false }
        try await counted.succeed(taken, in: database)
        return true
    }

    @Test func `a day of guesses from ever new addresses is a hundred, and the owner gets in all day`() async throws {
        try await withDatabase { database in
            #expect(try await signIn("office", database, atSeconds: 0))
            var guesses = 0
            // Every minute two guesses, each from an address of its own.
            for minute in stride(from: 1, to: 24 * 60, by: 1) {
                for number in 0..<2 where try await isTaken("guesser \(minute) \(number)", database, atSeconds: minute * 60) {
                    guesses += 1
                }
                if minute.isMultiple(of: 60) {
                    #expect(try await signIn("office", database, atSeconds: minute * 60), "minute \(minute)")
                }
            }
            #expect(guesses == 100)
            #expect(try await !signIn("hotel", database, atSeconds: 23 * 3_600), "elsewhere the owner waits like everybody")
            #expect(try await signIn("hotel", database, atSeconds: 23 * 3_600, name: "another name"))
        }
    }

    @Test func `whoever sits behind an owner's address guesses 20 times an hour and stops nobody elsewhere`() async throws {
        try await withDatabase { database in
            #expect(try await signIn("office", database, atSeconds: 0))
            #expect(try await signIn("home", database, atSeconds: 0))
            var guesses = 0
            for minute in 1...180 {
                for _ in 0..<6 where try await isTaken("office", database, atSeconds: minute * 60) { guesses += 1 }
            }
            #expect(guesses == 60)
            #expect(try await signIn("home", database, atSeconds: 180 * 60))
            #expect(try await signIn("hotel", database, atSeconds: 180 * 60), "they did not count for strangers")
        }
    }

    @Test func `of a name the five latest addresses are kept, for 90 days, and no row says whose`() async throws {
        try await withDatabase { database in
            for number in 0..<7 { #expect(try await signIn("address \(number)", database, atSeconds: number * 60)) }
            #expect(try await signIn("address 2", database, atSeconds: 500, name: "another name"))
            _ = try await database.query("delete from attempt_limit")
            var isKept: [Bool] = []
            for number in 0..<7 {
                let limits = AttemptLimits(Self.keys)
                let subject = limits.subject(Array(Self.name.utf8) + [0] + Array("address \(number)".utf8))
                isKept.append(
                    try await AttemptStore(database: database, clock: Clock()).isOrigin(subject, days: PasswordAttempts.originDays))
            }
            #expect(isKept == [false, false, true, true, true, true, true])
            let rows: [String] = try await database.query("select t::text from password_origin t").map { try $0.decode(0) }
            #expect(rows.count == 6 && !rows.joined().contains("address"))
            let day = 86_400
            let later = AttemptStore(database: database, clock: Clock(offsetMicroseconds: Int64(91 * day) * 1_000_000))
            #expect(try await later.forget(limit: 4) == 4)
            #expect(try await later.forget(limit: 4) == 2)
        }
    }
}
