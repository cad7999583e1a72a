import Postgres
import Runtime

// What organizers and applicants do to an application. Each holds the member first, then the application.
extension ApplicationStore {
    enum DecideOutcome: Sendable {
        case decided(MemberApplication)
        case notFound
        case notAllowed(ApplicationState)
    }

    /// The newcomer becomes a member.
    func approve(
        _ id: ID<MemberApplication>, _ scope: Scope, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> DecideOutcome {
        guard let found = try await application(id, scope, in: querying), let held = try await hold(found, in: querying) else {
            return .notFound
        }
        guard let next = held.application.state.after(.approve), let status = held.member.status.after(.approve) else {
            return .notAllowed(held.application.state)
        }
        let phone = try await wantedPhone(id, of: held.member.id, in: querying)
        try await write(next.state, of: id, by: subject, in: querying)
        try await members.write(status, of: held.member.id, by: subject, in: querying)
        if let phone, let member = try await members.member(held.member.id, in: querying), let person = member.person {
            let draft = MemberDraft(
                person: PersonalData(name: person.name, nationalID: person.nationalID, phone: phone),
                organizationID: member.organizationID, workerKind: nil, employmentForm: nil, hardshipPost: nil, employerCheckup: nil)
            _ = try await members.update(draft, in: querying)
        }
        return try await decided(id, in: querying)
    }

    /// The applicant is turned away: a newcomer is forgotten, who came back has left as before.
    func reject(
        _ id: ID<MemberApplication>, _ scope: Scope, reason: String, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> DecideOutcome {
        guard let found = try await application(id, scope, in: querying), let held = try await hold(found, in: querying) else {
            return .notFound
        }
        guard let next = held.application.state.after(.reject), let status = held.member.status.after(.reject) else {
            return .notAllowed(held.application.state)
        }
        // Before the status, which would withdraw what still waits.
        try await write(next.state, of: id, by: subject, reason: reason, in: querying)
        try await members.write(status, of: held.member.id, by: subject, endCause: "rejected", in: querying)
        if held.application.source != .returning, let member = try await members.member(held.member.id, in: querying) {
            try await forget(member, in: querying)
        }
        return try await decided(id, in: querying)
    }

    private func decided(_ id: ID<MemberApplication>, in querying: any Querying) async throws(PostgresError) -> DecideOutcome {
        guard let application = try await application(id, .everything, in: querying) else { return .notFound }
        return .decided(application)
    }

    enum ResubmitOutcome: Sendable {
        case submitted(MemberApplication)
        case notFound
        case notAllowed(ApplicationState)
        case exists, organizationClosed
    }

    /// The applicant sends corrected data after a rejection: provisional again, under the same secret. A person decides, whatever the
    /// organization's rule.
    func resubmit(
        secretDigest: [UInt8], _ form: JoinForm, _ person: PersonalData, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> ResubmitOutcome {
        guard let found = try await application(secretDigest: secretDigest, in: querying), let held = try await hold(found, in: querying)
        else { return .notFound }
        guard held.application.state.after(.resubmit) != nil else { return .notAllowed(held.application.state) }
        let organizationID = held.application.organizationID
        guard try await members.takesMembers(organizationID, in: querying) else { return .organizationClosed }
        let draft = MemberDraft(
            person: person, organizationID: organizationID, workerKind: form.workerKind, employmentForm: form.employmentForm,
            hardshipPost: nil, employerCheckup: nil)
        let memberID: ID<Member>
        var wantedPhone: PhoneNumber?
        if held.application.source == .returning {
            guard let kept = try await comeBack(held.member, draft, by: subject, in: querying) else { return .exists }
            if person.phone != kept.phone { wantedPhone = person.phone }
            memberID = held.member.id
        } else {
            switch try await members.create(draft, status: .provisional, in: querying) {
            case .created(let member): memberID = member.id
            case .exists: return .exists
            case .organizationUnknown: return .organizationClosed
            }
        }
        try await recordConsents(form.consents, of: memberID, in: querying)
        try await reopen(held.application.id, member: memberID, consents: Set(form.consents), in: querying)
        if let wantedPhone { try await want(wantedPhone, for: memberID, of: held.application.id, in: querying) }
        guard let application = try await application(held.application.id, .everything, in: querying) else { return .notFound }
        return .submitted(application)
    }

    /// Somebody who had left scans a code: provisional again when the name is the registered one.
    /// - Returns: nil when it is not this person, or the person has not left; the two look alike from outside.
    func comeBack(_ request: JoinRequest, _ memberID: ID<Member>, by subject: String, in querying: any Querying)
        async throws(PostgresError) -> MemberApplication?
    {
        guard let member = try await members.hold(memberID, .everything, in: querying),
            let door = try await JoinCodeStore(database: database).door(request.code, in: querying), door.isCodeOpen,
            try await members.takesMembers(door.organizationID, in: querying)
        else { return nil }
        let draft = MemberDraft(
            person: request.person, organizationID: door.organizationID, workerKind: request.workerKind,
            employmentForm: request.employmentForm, hardshipPost: nil, employerCheckup: nil)
        guard let kept = try await comeBack(member, draft, by: subject, in: querying) else { return nil }
        try await recordConsents(Array(request.consents), of: memberID, in: querying)
        let entered = try await enterReturn(of: memberID, to: door.organizationID, request, in: querying)
        if let phone = request.person.phone, phone != kept.phone { try await want(phone, for: memberID, of: entered.id, in: querying) }
        return entered
    }

    private func recordConsents(
        _ purposes: [ConsentPurpose], of memberID: ID<Member>, in querying: any Querying
    ) async throws(PostgresError) {
        let drafts = Set(purposes).sorted { $0.rawValue < $1.rawValue }.map {
            MemberConsentDraft(
                memberID: memberID, purpose: $0, isGiven: true, textVersion: JoinForm.consentTextVersion, channel: .join)
        }
        try await MemberConsentStore(database: database).record(drafts, by: "member:\(memberID)", in: querying)
    }

    /// The phone stays what it was: name and national id are known to more people than one, and by the phone the member signs in. The new
    /// one waits for an organizer's approval.
    /// - Returns: the person as registered; nil when it is not this person or the person has not left.
    private func comeBack(
        _ held: MemberStore.Held, _ draft: MemberDraft, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> PersonalData? {
        guard let status = held.status.after(.reapply), let registered = try await members.member(held.id, in: querying)?.person,
            registered.nationalID == draft.person.nationalID, registered.name == draft.person.name
        else { return nil }
        try await members.write(status, of: held.id, by: subject, organization: draft.organizationID, in: querying)
        let kept = MemberDraft(
            person: registered, organizationID: draft.organizationID, workerKind: draft.workerKind, employmentForm: draft.employmentForm,
            hardshipPost: nil, employerCheckup: nil)
        return try await members.update(kept, in: querying) ? registered : nil
    }
}

extension MemberStore {
    /// Writes what a draft tells of a known person.
    /// - Returns: false when the person is not known, or was forgotten.
    func update(_ draft: MemberDraft, in querying: any Querying) async throws(PostgresError) -> Bool {
        let entry = MemberEntry(draft: draft, vault: vault)
        for _ in 0..<3 {
            let answers = try await lookUp([entry], drawsIDs: false, in: querying)
            guard let answer = answers.first else { return false }
            switch answer.verdict {
            case .new, .forgotten: return false
            case .unchanged: return true
            case .changed, .personal:
                let (batch, _) = try Self.seal([entry], answers, vault)
                if try await apply(batch, in: querying).first == .updated { return true }
            }
        }
        return false
    }
}
