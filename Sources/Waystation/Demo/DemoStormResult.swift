/// How a storm went, and as text: who got what, how long they waited, and where all coupons are.
struct DemoStormResult: Sendable {
    struct Share: Sendable {
        let name: String
        let came: Int
        let got: Int
    }

    struct Shares: Sendable {
        var groups: [Share] = []
        var unions: [Share] = []
    }

    /// Of all rounds of the campaign.
    struct Ledger: Sendable {
        let issued: Int64
        let held: Int64
        let redeemed: Int64
        let expired: Int64
        let returned: Int64
        let faceFen: Int64

        var isBalanced: Bool { issued == held + redeemed + expired + returned }
    }

    let stock: Int
    /// Of the stock, for couriers.
    let kept: Int
    let faceFen: Int64
    let claims: Int
    /// Claims that got no answer of theirs.
    let failures: Int
    let won: Int
    /// Of those won, given back right away.
    let returned: Int
    let seconds: Double
    /// From the opening.
    let soldOutAfter: Double?
    /// Sorted.
    let latenciesMicroseconds: [UInt32]
    let shares: Shares
    let ledger: Ledger

    private static let barWidth = 30

    /// Numbers stand before names: Chinese characters are as wide as two others.
    var text: String {
        let rate = seconds > 0 ? Int(Double(claims) / seconds) : 0
        var lines = [
            "",
            "The storm: \(grouped(claims)) members for \(grouped(stock)) coupons of \(grouped(Int(faceFen / 100))) yuan, "
                + "\(grouped(kept)) of them kept for couriers",
            "",
            "  \(grouped(claims)) claims in \(tenths(seconds)) s, \(grouped(rate)) a second"
                + (soldOutAfter.map { "; nothing left \(tenths($0)) s after the opening" } ?? ""),
            "  \(grouped(won)) won, \(grouped(claims - won - failures)) came too late, \(grouped(failures)) without an answer", "",
            "       came      got",
        ]
        lines += (shares.groups + shares.unions).map(row)
        lines += ["", "  answered within"] + chart
        lines += ["", "  \(grouped(returned)) gave theirs back. All rounds:"] + account + [""]
        return lines.joined(separator: "\n")
    }

    private func row(_ share: Share) -> String {
        let percent = share.came > 0 ? share.got * 100 / share.came : 0
        let bar = String(repeating: "█", count: percent * Self.barWidth / 100)
        return "  \(padded(grouped(share.came), 9))\(padded(grouped(share.got), 9))\(padded("\(percent) %", 7))  "
            + bar + String(repeating: "·", count: Self.barWidth - bar.count) + "  " + share.name
    }

    private var chart: [String] {
        let bounds: [UInt32] = [2, 5, 10, 20, 50, 100, 200, 500, 1_000]
        var rest = latenciesMicroseconds[...]
        var counts: [(name: String, count: Int)] = []
        for bound in bounds {
            let part = rest.prefix { $0 <= bound * 1_000 }
            rest = rest.dropFirst(part.count)
            counts.append(("\(bound) ms", part.count))
        }
        counts.append(("more", rest.count))
        while counts.count > 1, counts.last?.count == 0 { counts.removeLast() }
        let most = max(1, counts.map(\.count).max() ?? 1)
        return counts.map { name, count in
            let width = count == 0 ? 0 : max(1, count * Self.barWidth / most)
            return "  \(padded(name, 9))\(padded(grouped(count), 9))  " + String(repeating: "█", count: width)
        }
    }

    private var account: [String] {
        func line(_ name: String, _ count: Int64) -> String {
            let yuan = count * ledger.faceFen / 100
            return "  " + name + String(repeating: " ", count: max(1, 12 - name.count)) + padded(grouped(Int(count)), 9)
                + padded(grouped(Int(yuan)), 14) + " yuan"
        }
        return [
            line("issued", ledger.issued), line("= held", ledger.held), line("+ redeemed", ledger.redeemed),
            line("+ expired", ledger.expired), line("+ returned", ledger.returned),
            ledger.isBalanced ? "  The ledger balances." : "  THE LEDGER DOES NOT BALANCE.",
        ]
    }

    private func padded(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

    private func tenths(_ value: Double) -> String { String((value * 10).rounded() / 10) }
}
