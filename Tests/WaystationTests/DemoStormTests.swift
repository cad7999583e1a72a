import Testing

@testable import waystation

struct DemoStormTests {
    private func result(returned: Int64, latencies: [UInt32] = [1_500, 4_000, 4_500, 30_000]) -> DemoStormResult {
        DemoStormResult(
            stock: 5_000, kept: 1_500, faceFen: 80_000, claims: 20_000, failures: 0, won: 5_000, returned: 50, seconds: 1.25,
            soldOutAfter: 0.84, latenciesMicroseconds: latencies,
            shares: .init(
                groups: [.init(name: "couriers", came: 4_000, got: 2_000), .init(name: "all others", came: 16_000, got: 3_000)],
                unions: [.init(name: "船营区总工会", came: 0, got: 0)]),
            ledger: .init(issued: 5_100, held: 5_050, redeemed: 0, expired: 0, returned: returned, faceFen: 80_000))
    }

    @Test func `a storm tells who got what, how long it took and where the money is`() {
        let text = result(returned: 50).text
        for line in [
            "The storm: 20 000 members for 5 000 coupons of 800 yuan, 1 500 of them kept for couriers",
            "  20 000 claims in 1.3 s, 16 000 a second; nothing left 0.8 s after the opening",
            "  5 000 won, 15 000 came too late, 0 without an answer",
            "      4 000    2 000   50 %  ███████████████···············  couriers",
            "          0        0    0 %  ······························  船营区总工会",
            "       2 ms        1  ███████████████", "       5 ms        2  ██████████████████████████████", "      10 ms        0  ",
            "      50 ms        1  ███████████████",
            "  issued          5 100     4 080 000 yuan", "  = held          5 050     4 040 000 yuan",
            "  + returned         50        40 000 yuan", "  The ledger balances.",
        ] {
            #expect(text.split(separator: "\n").contains(Substring(line)), "\(line)\n\(text)")
        }
        #expect(!text.contains("100 ms"), "nobody waited so long")
    }

    @Test func `a ledger that does not balance is not hidden`() {
        #expect(result(returned: 49).text.contains("THE LEDGER DOES NOT BALANCE"))
    }

    @Test func `nobody who came is no division by nothing`() {
        let text = DemoStormResult(
            stock: 1, kept: 0, faceFen: 1, claims: 0, failures: 0, won: 0, returned: 0, seconds: 0, soldOutAfter: nil,
            latenciesMicroseconds: [], shares: .init(), ledger: .init(issued: 0, held: 0, redeemed: 0, expired: 0, returned: 0, faceFen: 1)
        ).text
        #expect(text.contains("0 claims in 0.0 s, 0 a second"))
    }
}
