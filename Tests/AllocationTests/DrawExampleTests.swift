import Allocation
import COpenSSL
import Crypto
import Testing

/// Examples of draws: published ones recomputed, and what the order of two draws does to a reserve.
@Suite struct DrawExampleTests {
    // MARK: E10

    /// A tenth of 96,000 people with an advanced degree, 94,000 others, 65,000 open and 20,000 reserved places.
    private let advanced = 9_600
    private let others = 9_400
    private let open = 6_500
    private let reserved = 2_000

    /// Who wins one draw among these people, by the engine: one session and no floors.
    private func winners(_ people: [Int], places: Int, seed: UInt8) -> Set<Int> {
        var applicants = Applicants(wishStride: 1, capacity: people.count)
        for person in people { applicants.append(ticket: Ticket(rawValue: UInt64(person + 1) << 24 | 0x30), wishes: [0]) }
        let lottery = Lottery(secret: [UInt8](repeating: seed, count: 32), beacon: [])
        let allocation = Allocation(
            Program(name: "draw", quota: places), [Session(name: "s", capacity: places)], applicants, lottery: lottery)
        let placed = allocation.lineup.rows.indices.filter { allocation.outcome.isPlaced($0) }
        return Set(placed.map { people[Int(allocation.lineup.rows[$0])] })
    }

    @Test func `E10: with two draws the reserve is worth far more when the open places are drawn first`() {
        let everybody = Array(0..<advanced + others)
        let isAdvanced = { (person: Int) in person < advanced }
        // Four times the standard deviation of drawing without putting back, rounded up.
        let tolerance = 130.0

        let first = winners(Array(0..<advanced), places: reserved, seed: 1)
        let second = winners(everybody.filter { !first.contains($0) }, places: open, seed: 2)
        #expect((first.count, second.count) == (reserved, open))
        let reservedFirst = first.union(second)
        #expect(abs(Double(reservedFirst.count(where: isAdvanced)) - 4_905.882) < tolerance)
        #expect(abs(Double(reservedFirst.count { !isAdvanced($0) }) - 3_594.118) < tolerance)

        let free = winners(everybody, places: open, seed: 3)
        let kept = winners((0..<advanced).filter { !free.contains($0) }, places: reserved, seed: 4)
        let openFirst = free.union(kept)
        #expect(abs(Double(openFirst.count(where: isAdvanced)) - 5_284.211) < tolerance)
        #expect(abs(Double(openFirst.count { !isAdvanced($0) }) - 3_215.789) < tolerance)
    }

    // MARK: E11

    private func md5(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 16)
        let result = EVP_Digest(bytes, bytes.count, &digest, nil, EVP_md5(), nil)
        precondition(result == 1, "libcrypto has MD5")
        return digest
    }

    @Test func `E11: public sources choose those of RFC 3797`() {
        let key = PublicSources.key([[9319], [2, 5, 12, 8, 10], [9, 18, 26, 34, 41, 45]])
        #expect(key == "9319./2.5.8.10.12./9.18.26.34.41.45./")
        #expect(PublicSources.beacon([[9319], [2, 5, 12, 8, 10], [9, 18, 26, 34, 41, 45]]) == Array(key.utf8))
        var pool = Array(1...25)
        var drawn: [Int] = []
        for number in 0..<10 {
            let counter = [UInt8(number >> 8), UInt8(number & 255)]
            let digest = md5(counter + Array(key.utf8) + counter)
            if number == 0 { #expect(Hex.encode(digest).uppercased() == "990DD0A5692A029A98B5E01AA28F3459") }
            // The digest as one number, big-endian, modulo those who are left.
            drawn.append(pool.remove(at: digest.reduce(0) { ($0 << 8 | Int($1)) % pool.count }))
        }
        #expect(drawn == [17, 7, 2, 16, 25, 23, 8, 24, 19, 13])
    }

    // MARK: E12

    @Test func `E12: a round of drand is the digest of its signature`() throws {
        let signature = try #require(
            Hex.decode("b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"))
        #expect(Hex.encode(SHA256.hash(signature)) == "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd")
    }
}
