import Allocation
import Testing

/// Every mistake in rules, sessions and applicants has a reason and a place.
@Suite struct AllocationFaultTests {
    private typealias Case = (
        reason: AllocationFault.Reason, location: AllocationFault.Location, faults: [AllocationFault]
    )

    private let sessions = [Session(name: "a", capacity: 2), Session(name: "b", capacity: 3)]

    private func program(_ change: (inout Program) -> Void = { _ in }) -> Program {
        var program = Program(name: "p", quota: 5, groups: ["x", "y"], floors: [Floor(group: 0, size: 2)])
        change(&program)
        return program
    }

    private func applicants(_ rows: [(ticket: String, groups: UInt8, wishes: [UInt16])] = [("A", 1, [0, 1]), ("B", 0, [1])]) throws
        -> Applicants
    {
        var applicants = Applicants(wishStride: 3)
        for row in rows { applicants.append(ticket: try #require(Ticket(row.ticket)), groups: row.groups, wishes: row.wishes) }
        return applicants
    }

    private func programFaults() throws -> [Case] {
        func fault(_ reason: AllocationFault.Reason, _ field: String, _ change: (inout Program) -> Void) throws -> Case {
            (reason, .program(field: field), AllocationFault.all(program(change), sessions, try applicants()))
        }
        return try [
            fault(.programNameMissing, "program") { $0.name = "" },
            fault(.quotaNotPositive, "quota") { ($0.quota, $0.floors) = (0, []) },
            fault(.quotaBelowSeats, "quota") { ($0.quota, $0.mode) = (4, .local) },
            fault(.tooManyGroups, "groups") { $0.groups = (0..<9).map { "g\($0)" } },
            fault(.floorGroupUnknown, "floors[0].group") { $0.floors[0].group = 2 },
            fault(.floorGroupUnknown, "floors[0].group") { $0.floors[0].group = -1 },
            fault(.floorTwice, "floors[1].group") { $0.floors.append(Floor(group: 0, size: 1)) },
            fault(.floorNegative, "floors[0].size") { $0.floors[0].size = -1 },
            fault(.floorsAboveQuota, "floors") { $0.floors.append(Floor(group: 1, size: 4)) },
            fault(.floorsAboveQuota, "floors") { $0.floors = [Floor(group: 0, size: .max), Floor(group: 1, size: .max)] },
            fault(.floorWithoutMembers, "floors[0].group") { $0.floors[0].group = 1 },
            fault(.capsNeedOrder, "organizationCap") { ($0.mode, $0.organizationCap) = (.local, 1) },
            fault(.capsNeedOrder, "organizationCap") { ($0.mode, $0.organizationCaps) = (.local, [7: 1]) },
            fault(.capNegative, "organizationCap") { $0.organizationCap = -1 },
            fault(.capNegative, "organizationCaps") { $0.organizationCaps = [7: -1] },
        ]
    }

    private func sessionFaults() throws -> [Case] {
        func fault(
            _ reason: AllocationFault.Reason, _ location: AllocationFault.Location, _ sessions: [Session], _ mode: Program.Mode = .order
        ) throws -> Case {
            (reason, location, AllocationFault.all(program { ($0.mode, $0.quota) = (mode, 1 << 40) }, sessions, try applicants()))
        }
        let many = (0..<65_536).map { Session(name: "\($0)", capacity: 1) }
        return try [
            fault(.noSessions, .program(field: "sessions"), []),
            fault(.tooManySessions, .session(65_535, field: "session"), many),
            fault(.capacityNotPositive, .session(1, field: "capacity"), [sessions[0], Session(name: "b", capacity: 0)]),
            fault(.sessionTwice, .session(1, field: "session"), [sessions[0], sessions[0]]),
            fault(
                .sessionFloorsAboveCapacity, .session(0, field: "floors"), [Session(name: "a", capacity: 2, floorSizes: [3]), sessions[1]],
                .local),
            fault(.floorNegative, .session(0, field: "floors"), [Session(name: "a", capacity: 2, floorSizes: [-1]), sessions[1]], .local),
            fault(
                .floorGroupUnknown, .session(0, field: "floors"), [Session(name: "a", capacity: 2, floorSizes: [1, 1]), sessions[1]], .local
            ),
        ]
    }

    private func applicantFaults() throws -> [Case] {
        func fault(
            _ reason: AllocationFault.Reason, _ location: AllocationFault.Location,
            _ rows: [(ticket: String, groups: UInt8, wishes: [UInt16])]
        ) throws -> Case { (reason, location, AllocationFault.all(program(), sessions, try applicants(rows))) }
        return try [
            fault(.noApplicants, .program(field: "applicants"), []),
            fault(.ticketTwice, .applicant(2, field: "ticket"), [("A", 1, [0]), ("B", 1, [0]), ("A", 1, [1])]),
            fault(.wishUnknown, .applicant(1, field: "wishes"), [("A", 1, [0]), ("B", 1, [0, 2])]),
            fault(.wishTwice, .applicant(0, field: "wishes"), [("A", 1, [0, 1, 0])]),
            fault(.noWish, .applicant(1, field: "wishes"), [("A", 1, [0]), ("B", 1, [])]),
            fault(.groupUnknown, .applicant(0, field: "groups"), [("A", 5, [0])]),
        ]
    }

    @Test func `nothing is wrong with what is right`() throws {
        #expect(AllocationFault.all(program(), sessions, try applicants()).isEmpty)
        #expect(AllocationFault.all(program { $0.mode = .local }, sessions, try applicants()).isEmpty)
        #expect(AllocationFault.all(program { $0.organizationCap = 0 }, sessions, try applicants()).isEmpty)
    }

    @Test func `every reason is found where its mistake is`() throws {
        let cases = try programFaults() + sessionFaults() + applicantFaults()
        for (reason, location, faults) in cases {
            #expect(faults.map(\.reason) == [reason] && faults.map(\.location) == [location], "\(reason): \(faults)")
        }
        #expect(Set(cases.map(\.reason)) == Set(AllocationFault.Reason.allCases))
    }

    @Test func `in mode local a floor without members is one too when only a session promises it`() throws {
        let own = [Session(name: "a", capacity: 2, floorSizes: [1]), Session(name: "b", capacity: 3)]
        let empty = program { ($0.mode, $0.floors) = (.local, [Floor(group: 1, size: 0)]) }
        #expect(AllocationFault.all(empty, own, try applicants()).map(\.reason) == [.floorWithoutMembers])
        #expect(AllocationFault.all(empty, sessions, try applicants()).isEmpty)
    }

    @Test func `faults are told up to a limit`() throws {
        let rows = (0..<200).map { (ticket: "T\($0)", groups: UInt8(8), wishes: [UInt16(9)]) }
        #expect(AllocationFault.all(program(), sessions, try applicants(rows)).count == 100)
        #expect(AllocationFault.all(program(), sessions, try applicants(rows), limit: 3).count == 3)
    }

    @Test func `a floor whose members are all excluded has none`() throws {
        var applicants = Applicants(wishStride: 1)
        applicants.append(ticket: try #require(Ticket("A")), groups: 1, exclusion: 1, wishes: [0])
        applicants.append(ticket: try #require(Ticket("B")), groups: 0, wishes: [0])
        #expect(AllocationFault.all(program(), sessions, applicants).map(\.reason) == [.floorWithoutMembers])
    }
}
