import Postgres
import Runtime

/// The arguments of `members_import_apply`, one array a column.
struct MemberApplyBatch: Sendable {
    private(set) var count = 0
    private(set) var statuses: [String] = []
    private(set) var areNew: [Bool] = []
    private(set) var memberIDs: [Int64] = []
    private(set) var organizationIDs: [Int64] = []
    private(set) var workerKinds: [String?] = []
    private(set) var employmentForms: [String?] = []
    private(set) var sexes: [String] = []
    private(set) var birthDays: [CalendarDate] = []
    private(set) var hardshipPosts: [Bool?] = []
    private(set) var employerCheckups: [Bool?] = []
    private(set) var nationalIDIndexes: [[UInt8]] = []
    private(set) var phoneIndexes: [[UInt8]?] = []
    private(set) var nameIndexes: [[UInt8]?] = []
    private(set) var personalDigests: [[UInt8]?] = []
    private(set) var wrappedKeys: [[UInt8]?] = []
    private(set) var names: [[UInt8]?] = []
    private(set) var nationalIDs: [[UInt8]?] = []
    private(set) var phones: [[UInt8]?] = []

    /// - Parameters:
    ///   - status: of who is new.
    ///   - sealed: nil where only what stands in clear changes.
    mutating func append(
        _ entry: MemberEntry, _ status: MemberStatus, memberID: Int64, isNew: Bool, sealed: PersonalDataVault.Sealed?,
        phoneIndex: [UInt8]?
    ) {
        let draft = entry.draft
        count += 1
        statuses.append(status.rawValue)
        areNew.append(isNew)
        memberIDs.append(memberID)
        organizationIDs.append(draft.organizationID.rawValue)
        workerKinds.append(draft.workerKind?.rawValue ?? (isNew ? WorkerKind.other.rawValue : nil))
        employmentForms.append(draft.employmentForm?.rawValue ?? (isNew ? EmploymentForm.other.rawValue : nil))
        sexes.append(draft.person.nationalID.sex.rawValue)
        birthDays.append(draft.person.nationalID.birthOn)
        hardshipPosts.append(draft.hardshipPost ?? (isNew ? false : nil))
        employerCheckups.append(draft.employerCheckup ?? (isNew ? false : nil))
        nationalIDIndexes.append(entry.nationalIDIndex)
        phoneIndexes.append(sealed == nil ? nil : phoneIndex)
        nameIndexes.append(sealed == nil ? nil : entry.nameIndex)
        personalDigests.append(sealed == nil ? nil : entry.personalDigest)
        wrappedKeys.append(sealed?.newWrappedKey)
        names.append(sealed?.name)
        nationalIDs.append(sealed?.nationalID)
        phones.append(sealed?.phone)
    }
}

/// A member to be written, with the keyed values by which the database knows the person.
struct MemberEntry: Sendable {
    /// The line of the file; 1 for a single member.
    let lineNumber: Int
    let draft: MemberDraft
    let nationalIDIndex: [UInt8]
    let nameIndex: [UInt8]
    let personalDigest: [UInt8]

    init(lineNumber: Int = 1, draft: MemberDraft, vault: PersonalDataVault) {
        self.lineNumber = lineNumber
        self.draft = draft
        nationalIDIndex = vault.index(of: draft.person.nationalID)
        nameIndex = vault.nameIndex(of: draft.person)
        personalDigest = vault.digest(of: draft.person)
    }
}

/// What the database says that an entry means.
struct MemberLookUp: Sendable {
    enum Verdict: String {
        /// Nobody has the national id.
        case new
        /// The person is known, and the same.
        case unchanged
        /// Something that stands in clear differs.
        case changed
        /// Name or phone differ, perhaps more.
        case personal
        /// The person's data was erased.
        case forgotten
    }

    let verdict: Verdict
    /// The known member's, or for a new one the number drawn, if any was.
    let memberID: Int64?
    let wrappedKey: [UInt8]?
}

enum MemberApplyOutcome: String {
    case inserted, updated
    /// Somebody wrote or forgot the person since it was looked up: look it up again.
    case raced
}
