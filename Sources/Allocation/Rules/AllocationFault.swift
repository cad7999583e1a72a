/// Why a sharing out cannot be made as described: where the mistake is, and what it is. Nothing is computed while there is one.
package struct AllocationFault: Error, Hashable, Sendable {
    package enum Location: Hashable, Sendable {
        case program(field: String)
        /// An index into the program's sessions.
        case session(Int, field: String)
        /// A row of the applicants' table.
        case applicant(Int, field: String)
    }

    package enum Reason: String, Hashable, Sendable, CaseIterable {
        case programNameMissing = "allocation.program_name_missing"
        case quotaNotPositive = "allocation.quota_not_positive"
        case quotaBelowSeats = "allocation.quota_below_seats"
        case tooManyGroups = "allocation.too_many_groups"
        case floorGroupUnknown = "allocation.floor_group_unknown"
        case floorTwice = "allocation.floor_twice"
        case floorNegative = "allocation.floor_negative"
        case floorsAboveQuota = "allocation.floors_above_quota"
        case floorWithoutMembers = "allocation.floor_without_members"
        case capsNeedOrder = "allocation.caps_need_order"
        case capNegative = "allocation.cap_negative"
        case noSessions = "allocation.no_sessions"
        case tooManySessions = "allocation.too_many_sessions"
        case capacityNotPositive = "allocation.capacity_not_positive"
        case sessionTwice = "allocation.session_twice"
        case sessionFloorsAboveCapacity = "allocation.session_floors_above_capacity"
        case noApplicants = "allocation.no_applicants"
        case ticketTwice = "allocation.ticket_twice"
        case wishUnknown = "allocation.wish_unknown"
        case wishTwice = "allocation.wish_twice"
        case noWish = "allocation.no_wish"
        case groupUnknown = "allocation.group_unknown"
    }

    package let reason: Reason
    package let location: Location
    /// The offending value and the limit, where there are any.
    package let detail: String

    package init(_ reason: Reason, _ location: Location, _ detail: String = "") {
        self.reason = reason
        self.location = location
        self.detail = detail
    }

    /// Everything that is wrong, at most `limit` of it.
    package static func all(
        _ program: Program, _ sessions: [Session], _ applicants: Applicants, limit: Int = 100
    ) -> [AllocationFault] {
        let faults = of(program, sessions) + of(sessions, program)
        if !faults.isEmpty { return Array(faults.prefix(limit)) }
        if applicants.count == 0 { return [AllocationFault(.noApplicants, .program(field: "applicants"))] }
        return Array((of(applicants, program, sessions, limit: limit) + floorsWithoutMembers(program, sessions, applicants)).prefix(limit))
    }

    private static func of(_ program: Program, _ sessions: [Session]) -> [AllocationFault] {
        var faults: [AllocationFault] = []
        func fault(_ reason: Reason, _ field: String, _ detail: String = "") {
            faults.append(AllocationFault(reason, .program(field: field), detail))
        }
        if program.name.isEmpty { fault(.programNameMissing, "program") }
        if program.quota < 1 { fault(.quotaNotPositive, "quota", "\(program.quota)") }
        if program.groups.count > Program.groupCountMax {
            fault(.tooManyGroups, "groups", "\(program.groups.count) > \(Program.groupCountMax)")
        }
        var known: Set<Int> = []
        for (index, floor) in program.floors.enumerated() {
            if !program.groups.indices.contains(floor.group) { fault(.floorGroupUnknown, "floors[\(index)].group", "\(floor.group)") }
            if floor.size < 0 { fault(.floorNegative, "floors[\(index)].size", "\(floor.size)") }
            if !known.insert(floor.group).inserted { fault(.floorTwice, "floors[\(index)].group", "\(floor.group)") }
        }
        let promised = sum(program.floors.map(\.size))
        if promised > program.quota { fault(.floorsAboveQuota, "floors", "\(promised) > \(program.quota)") }
        for (organization, cap) in program.organizationCaps.sorted(by: { $0.key < $1.key }) where cap < 0 {
            fault(.capNegative, "organizationCaps", "\(organization): \(cap)")
        }
        if let cap = program.organizationCap, cap < 0 { fault(.capNegative, "organizationCap", "\(cap)") }
        if program.mode == .local {
            if program.hasOrganizationCaps { fault(.capsNeedOrder, "organizationCap") }
            let seats = sum(sessions.map(\.capacity))
            if program.quota < seats { fault(.quotaBelowSeats, "quota", "\(program.quota) < \(seats)") }
        }
        return faults
    }

    /// The most there can be instead of more.
    private static func sum(_ numbers: [Int]) -> Int {
        numbers.reduce(0) { total, number in
            let (sum, isOver) = total.addingReportingOverflow(number)
            return isOver ? number < 0 ? .min : .max : sum
        }
    }

    private static func of(_ sessions: [Session], _ program: Program) -> [AllocationFault] {
        if sessions.isEmpty { return [AllocationFault(.noSessions, .program(field: "sessions"))] }
        if sessions.count > Program.sessionCountMax {
            return [
                AllocationFault(
                    .tooManySessions, .session(Program.sessionCountMax, field: "session"), "\(sessions.count) > \(Program.sessionCountMax)")
            ]
        }
        var faults: [AllocationFault] = []
        var names: Set<String> = []
        for (index, session) in sessions.enumerated() {
            if session.capacity < 1 {
                faults.append(AllocationFault(.capacityNotPositive, .session(index, field: "capacity"), "\(session.capacity)"))
            }
            if !names.insert(session.name).inserted {
                faults.append(AllocationFault(.sessionTwice, .session(index, field: "session"), session.name))
            }
            if session.floorSizes.contains(where: { $0 < 0 }) {
                faults.append(AllocationFault(.floorNegative, .session(index, field: "floors")))
            }
            if !session.floorSizes.isEmpty, session.floorSizes.count != program.floors.count {
                let detail = "\(session.floorSizes.count) floors, not \(program.floors.count)"
                faults.append(AllocationFault(.floorGroupUnknown, .session(index, field: "floors"), detail))
            }
            let promised = sum(session.floorSizes)
            if promised > session.capacity {
                faults.append(
                    AllocationFault(.sessionFloorsAboveCapacity, .session(index, field: "floors"), "\(promised) > \(session.capacity)"))
            }
        }
        return faults
    }

    private static func of(_ applicants: Applicants, _ program: Program, _ sessions: [Session], limit: Int) -> [AllocationFault] {
        var faults: [AllocationFault] = []
        let known = UInt8(truncatingIfNeeded: (1 << program.groups.count) - 1)
        let stride = applicants.wishStride
        for row in 0..<applicants.count {
            if faults.count >= limit { return faults }
            if applicants.groups[row] & ~known != 0 { faults.append(AllocationFault(.groupUnknown, .applicant(row, field: "groups"))) }
            let start = row * stride
            if applicants.wishes[start] == Applicants.noSession {
                faults.append(AllocationFault(.noWish, .applicant(row, field: "wishes")))
            }
            for wish in start..<start + stride where applicants.wishes[wish] != Applicants.noSession {
                let session = applicants.wishes[wish]
                if Int(session) >= sessions.count {
                    faults.append(AllocationFault(.wishUnknown, .applicant(row, field: "wishes"), "\(session)"))
                    break
                }
                var earlier = start
                while earlier < wish, applicants.wishes[earlier] != session { earlier += 1 }
                if earlier < wish {
                    faults.append(AllocationFault(.wishTwice, .applicant(row, field: "wishes"), sessions[Int(session)].name))
                    break
                }
            }
        }
        return faults + ticketsTwice(applicants)
    }

    private static func ticketsTwice(_ applicants: Applicants) -> [AllocationFault] {
        let sorted = applicants.tickets.sorted()
        guard let twice = zip(sorted, sorted.dropFirst()).first(where: { $0 == $1 })?.0 else { return [] }
        let rows = applicants.tickets.indices.filter { applicants.tickets[$0] == twice }
        return rows.dropFirst().map {
            AllocationFault(.ticketTwice, .applicant($0, field: "ticket"), Ticket(rawValue: twice).description)
        }
    }

    /// A floor that nobody can fill is a mistake in the rules or in the list, and would else only show as a shortfall.
    private static func floorsWithoutMembers(
        _ program: Program, _ sessions: [Session], _ applicants: Applicants
    ) -> [AllocationFault] {
        var present: UInt8 = 0
        for row in 0..<applicants.count where applicants.exclusions[row] == 0 { present |= applicants.groups[row] }
        let isLocal = program.mode == .local
        return program.floors.enumerated().compactMap { index, floor in
            let isPromised = floor.size > 0 || isLocal && sessions.contains { !$0.floorSizes.isEmpty && $0.floorSizes[index] > 0 }
            if !isPromised || present >> UInt8(floor.group) & 1 != 0 { return nil }
            return AllocationFault(.floorWithoutMembers, .program(field: "floors[\(index)].group"), program.groups[floor.group])
        }
    }
}
