import Allocation
import Crypto
import Testing

@Suite struct LotteryTests {
    private let secret = (0..<32).map { UInt8($0) }
    private let beacon = Hex.decode("fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd") ?? []

    @Test func `commitment, seed and numbers are those of the worked example`() throws {
        #expect(Hex.encode(Lottery.commitment(to: secret)) == "74358e6be473130c9b2c3e5c02076ba8396a013996ab5bc7cfe3273913829deb")
        let lottery = Lottery(secret: secret, beacon: beacon)
        #expect(Hex.encode(lottery.seed) == "0f139caa3e0cc43489cfba7dc63ad7cdea0eca6da7347f75032030afa8451d83")
        let first = try lottery.number(of: #require(Ticket("T0000001")), program: "demo")
        let second = try lottery.number(of: #require(Ticket("T0000002")), program: "demo")
        #expect(Hex.encode(first.bytes) == "7b9a010ca908dd25935b9bd4e94bdbae")
        #expect(Hex.encode(second.bytes) == "c880777b6ad41ff571d171308b10cd26")
    }

    @Test func `ten tickets come in the order of the worked example`() throws {
        let lottery = Lottery(secret: secret, beacon: beacon)
        var applicants = Applicants(wishStride: 1)
        for number in 1...10 {
            let ticket = try #require(Ticket("T00000" + (number < 10 ? "0" : "") + "\(number)"))
            applicants.append(ticket: ticket, wishes: [0])
        }
        let order = CommonOrder(applicants, lottery: lottery, program: "demo")
        #expect(order.rows.map { $0 + 1 } == [10, 8, 7, 4, 1, 3, 6, 5, 2, 9])
    }

    @Test func `a ticket is one to eight plain characters and comes back as it was`() {
        for text in ["A", "T0000001", "a-_Z9"] { #expect(Ticket(text)?.description == text) }
        for text in ["", "123456789", "a b", "é", "a\0", "a,b"] { #expect(Ticket(text) == nil) }
    }
}
