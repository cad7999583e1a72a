import FoundationEssentials
import Insurance
import MemberCode
import Registry
import Runtime

/// What the demo shows once it serves.
struct DemoScreen: Sendable {
    private let house: House
    private let state: DemoState
    private let port: UInt16

    init(_ house: House, _ state: DemoState, port: UInt16) {
        self.house = house
        self.state = state
        self.port = port
    }

    func text() async throws -> String {
        let address = "http://127.0.0.1:\(port)"
        let issued = MemberCodeIssuer(house.keys).issue(memberID: state.memberID, nowMicroseconds: house.settings.clock.nowMicroseconds)
        let code = try QRCode(issued.text, level: .low)
        return """

            \(code.terminal(colours: isTerminal(1)))
            This is the code of member \(state.memberID). It opens a door for a minute and works there once.

            \(try await pagesText(address))
              API           \(address)   (/openapi.json, /healthz, /metrics)
              Owner token   \(state.ownerToken)
              Members       \(grouped(state.memberCount)) made up, none of them real
              Door          \(state.accessPointName), access point \(state.accessPointID)
              Data          \(house.settings.dataFolder)

            Open the door, from another terminal:

            \(scanCommand(address))

            Start a controller for that door, which asks the server and decides alone without it; it goes on until Ctrl-C:

            \(controllerCommand(address))

            Show it a code; cut its network and show another; bring the network back, and the server learns of both:

            \(showCommand(address))
            echo '#offline' > \(files.scanner)
            echo '#online' > \(files.scanner)

            \(yearText(address))\(giftsText(address))\(schoolText(address))\(winterText(address))\
            Ctrl-C stops. Starting it again continues; --fresh starts over.

            """
    }

    /// The three pages, and who may sign in there.
    private func pagesText(_ address: String) async throws -> String {
        guard let accounts = state.accounts else { return "" }
        let demo = DemoAccounts(house)
        let workers = try await demo.workers(state).map { "                \($0.phone)   \($0.about)" }
        let codes = try await demo.pairings().map { "                \($0.code)   \($0.profile.rawValue)" }
        return """
              Worker        \(address)/         by phone; the code that a message would bring stands in this terminal
            \(workers.joined(separator: "\n"))
              Organizer     \(address)/desk     \(DemoAccounts.organizers.joined(separator: ", or ")); password \(accounts.password)
              Tablet        \(address)/device   pairing codes, each good once and for a day
            \(codes.joined(separator: "\n"))

            """
    }

    private func yearText(_ address: String) -> String {
        guard let year = state.year else { return "" }
        return """
            Changzhou's checkups, program \(year.checkup): \(grouped(year.applicants)) applied for \(grouped(year.applicants / 4)) places, \
            at least \(grouped(year.applicants / 40)) of them for gig workers. A worker who got none asks why; one who got one; the figures:

            curl -s \(address)/v1/me/programs/\(year.checkup) -H 'Authorization: Bearer \(year.askerToken)' -H 'Accept-Language: en'
            curl -s \(address)/v1/me/programs/\(year.checkup) -H 'Authorization: Bearer \(year.guestToken)'
            curl -s \(address)/v1/public/programs/\(year.checkup)

            Anybody computes it again, byte for byte; convalescence is program \(year.convalescence):

            curl -s \(address)/v1/public/programs/\(year.checkup)/audit-file > audit.txt && \(program) verify audit.txt


            """
    }

    private func giftsText(_ address: String) -> String {
        guard let gifts = state.gifts else { return "" }
        let rounds = gifts.rounds.map { "\(grouped(Int($0.lines))) sent, \(grouped(Int($0.rejected))) rejected" }.joined(separator: "; ")
        return """
            Hubei's fourth batch of insurance, batch \(gifts.batch): \(grouped(Int(gifts.policies))) policies, nobody twice for the same
            days. The insurer's files went round until all were written: \(rounds).
            What everybody may know of it; where its policies are; a member's own:

            curl -s \(address)/v1/public/insurance-batches/\(gifts.batch)
            curl -s "\(address)/v1/insurance-batches/\(gifts.batch)/figures?by=organization" -H 'Authorization: Bearer \(state.ownerToken)'
            curl -s \(address)/v1/me/policies -H 'Authorization: Bearer \(gifts.memberToken)' -H 'Accept-Language: en'


            """
    }

    private func schoolText(_ address: String) -> String {
        guard let school = state.school else { return "" }
        let rate = school.seconds > 0 ? Int(Double(school.asked) / school.seconds) : 0
        var text = """
            Shenzhen's night school, term \(school.termID): 108 courses, 774 lessons. \(grouped(school.asked)) asked for a seat, \
            \(grouped(rate)) a second: \(grouped(school.seated)) have one,
            \(grouped(school.waiting)) wait, \(grouped(school.applied)) take part in draws, \(grouped(school.refused)) were refused. \
            \(grouped(school.freed)) gave a seat up; \
            \(grouped(school.offered)) who waited were offered one, \(grouped(school.confirmed)) took it.
            The figures, the catalogue\(school.waiterToken == nil ? ":" : "; why one of those who wait waits; a learner's week:")

            curl -s "\(address)/v1/school-terms/\(school.termID)/figures?by=category" -H 'Authorization: Bearer \(state.ownerToken)'
            curl -s "\(address)/v1/public/classes?term=\(school.termID)"

            """
        if let token = school.waiterToken, let id = school.waiterEnrolment {
            text += """
                curl -s \(address)/v1/me/enrolments/\(id)/why -H 'Authorization: Bearer \(token)' -H 'Accept-Language: en'

                """
        }
        if let token = school.learnerToken {
            text += """
                curl -s "\(address)/v1/me/lessons/calendar.ics" -H 'Authorization: Bearer \(token)'

                """
        }
        return text + "\n\n"
    }

    private func winterText(_ address: String) -> String {
        guard let winter = state.winter else { return "" }
        let round = winter.rounds[DemoWinter.stormRound - 1]
        return """
            Jilin's winter coupons, five rounds of 20 million yuan; a member's phone sees them, claims one, and looks at it:

            curl -s \(address)/v1/me/coupon-rounds -H 'Authorization: Bearer \(winter.memberToken)'
            curl -s \(address)/v1/coupon-rounds/\(round)/claims -H 'Authorization: Bearer \(winter.memberToken)' \
            -H 'Content-Type: application/json' -d "{\\"requestId\\":\\"$(cat /proc/sys/kernel/random/uuid)\\"}"
            curl -s \(address)/v1/me/coupons -H 'Authorization: Bearer \(winter.memberToken)'


            """
    }

    private var files: (key: String, folder: String, scanner: String) { DemoState.controllerFiles(house.settings) }

    private func controllerCommand(_ address: String) -> String {
        """
        \(program) door --rehearse --server \(address) --access-point \(state.accessPointID) \
        --key-file \(files.key) --folder \(files.folder) --device \(files.scanner)
        """
    }

    /// This program, wherever it was started from.
    private var program: String {
        do { return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") } catch { return "waystation" }
    }

    /// The code of another member, for the first one's shows whether the door knows it again.
    private func showCommand(_ address: String) -> String {
        """
        curl -s \(address)/v1/members/\(state.memberID + 1)/code -H 'Authorization: Bearer \(state.ownerToken)' \
        | sed 's/.*"text":"\\([^"]*\\)".*/\\1\\n/' > \(files.scanner)
        """
    }

    /// Asks for the member's code and shows it to the door, under a UUIDv7: the time, and random digits.
    private func scanCommand(_ address: String) -> String {
        """
        code=$(curl -s \(address)/v1/members/\(state.memberID)/code -H 'Authorization: Bearer \(state.ownerToken)' \
        | sed 's/.*"text":"\\([^"]*\\)".*/\\1/'); t=$(printf %012x $(date +%s%3N)); r=$(cat /proc/sys/kernel/random/uuid)
        curl -sw '\\n' \(address)/v1/access/scans -H 'Authorization: Bearer \(state.deviceKey)' -H 'Content-Type: application/json' -d \
        "{\\"code\\":\\"$code\\",\\"accessPointId\\":\(state.accessPointID),\\"direction\\":\\"in\\",\
        \\"occurredAt\\":\\"$(date -u +%FT%TZ)\\",\\"requestId\\":\\"${t:0:8}-${t:8:4}-7${r:15}\\"}"
        """
    }
}
