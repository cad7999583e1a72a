import Postgres
import Runtime

/// Reads one row of a file as a member, or says all that is wrong with it.
struct MemberRowReader: Sendable {
    let layout: MemberColumn.Layout
    let organizations: OrganizationNames
    /// Where rows go that name no organization.
    let defaultOrganizationID: ID<Organization>?
    let today: CalendarDate
    let headerLineNumber: Int

    /// A field and its fault.
    struct Fault: Error {
        let field: String
        let fault: MemberFault
    }

    struct Faults: Error {
        let faults: [Fault]
        /// The national id's cell, masked.
        let shown: String?
    }

    func read(_ row: CSVRows.Row, of rows: CSVRows) -> Result<MemberDraft, Faults> {
        if let fault = row.fault { return .failure(Faults(faults: [Fault(field: "row", fault: fault)], shown: nil)) }
        guard hasTheColumns(row, rows) else { return .failure(Faults(faults: [Fault(field: "row", fault: .rowColumns)], shown: nil)) }
        var faults: [Fault] = []
        func take<Value>(_ column: MemberColumn, _ make: () throws(MemberFault) -> Value) -> Value? {
            do throws(MemberFault) {
                return try make()
            } catch {
                faults.append(Fault(field: column.rawValue, fault: error))
                return nil
            }
        }
        let name = take(.name) { () throws(MemberFault) in
            guard let text = try text(.name, row, rows) else { throw .nameMissing }
            return try PersonName(text)
        }
        let nationalIDCell = cell(.nationalId, row, rows)
        let nationalID = take(.nationalId) { () throws(MemberFault) in try NationalID(bytes: nationalIDCell, today: today) }
        let phone = take(.phone) { () throws(MemberFault) in
            try text(.phone, row, rows).map { text throws(MemberFault) in try PhoneNumber(text) }
        }
        let workerKind = take(.workerKind) { () throws(MemberFault) in
            try text(.workerKind, row, rows).map { text throws(MemberFault) in try known(WorkerKind.byName[text], .workerKindUnknown) }
        }
        let employmentForm = take(.employmentForm) { () throws(MemberFault) in
            try text(.employmentForm, row, rows).map { text throws(MemberFault) in
                try known(EmploymentForm.byName[text], .employmentFormUnknown)
            }
        }
        let hardshipPost = take(.hardshipPost) { () throws(MemberFault) in try answer(.hardshipPost, row, rows) }
        let employerCheckup = take(.employerCheckup) { () throws(MemberFault) in try answer(.employerCheckup, row, rows) }
        let organizationID = take(.organization) { () throws(MemberFault) in
            if let text = try text(.organization, row, rows) { return try organizations.organization(text) }
            return try known(defaultOrganizationID, .organizationMissing)
        }
        guard faults.isEmpty, let name, let nationalID, let phone, let workerKind, let employmentForm, let hardshipPost,
            let employerCheckup, let organizationID
        else {
            return .failure(Faults(faults: faults, shown: nationalID?.masked ?? Self.masked(nationalIDCell)))
        }
        return .success(
            MemberDraft(
                person: PersonalData(name: name, nationalID: nationalID, phone: phone), organizationID: organizationID,
                workerKind: workerKind, employmentForm: employmentForm, hardshipPost: hardshipPost, employerCheckup: employerCheckup))
    }

    /// As many cells as the header, or more if those are empty.
    private func hasTheColumns(_ row: CSVRows.Row, _ rows: CSVRows) -> Bool {
        guard row.cellCount >= layout.columns.count else { return false }
        return (layout.columns.count..<row.cellCount).allSatisfy { rows.cell(row, $0).isEmpty }
    }

    private func cell(_ column: MemberColumn, _ row: CSVRows.Row, _ rows: CSVRows) -> ArraySlice<UInt8> {
        guard let place = layout.place(of: column) else { return [] }
        return rows.cell(row, place)
    }

    /// The cell without the spaces around it; nil when it is empty or the file has no such column.
    private func text(_ column: MemberColumn, _ row: CSVRows.Row, _ rows: CSVRows) throws(MemberFault) -> String? {
        var bytes = cell(column, row, rows)
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
        if bytes.isEmpty { return nil }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else { throw .rowEncoding }
        // The converter's mark for bytes that are no character.
        guard !text.unicodeScalars.contains("\u{FFFD}") else { throw .rowEncoding }
        return text
    }

    private func answer(_ column: MemberColumn, _ row: CSVRows.Row, _ rows: CSVRows) throws(MemberFault) -> Bool? {
        try text(column, row, rows).map { text throws(MemberFault) in try known(YesOrNo.answer(text), .answerUnknown) }
    }

    private func known<Value>(_ value: Value?, _ fault: MemberFault) throws(MemberFault) -> Value {
        guard let value else { throw fault }
        return value
    }

    /// What an organizer needs to find the row again, of a cell that is nearly an id.
    static func masked(_ cell: ArraySlice<UInt8>) -> String? {
        guard (12...24).contains(cell.count), cell.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        let text = String(decoding: cell, as: UTF8.self)
        return text.prefix(4) + String(repeating: "*", count: cell.count - 8) + text.suffix(4)
    }
}
