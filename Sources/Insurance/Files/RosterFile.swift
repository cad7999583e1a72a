import Postgres
import Registry
import Runtime

/// A policy as a roster tells it.
struct RosterEntry: Sendable {
    let policyID: ID<Policy>
    /// Who is insured: the member whom it was given, or the one who goes on for that one.
    let personID: ID<Member>
    /// The insurer's, given beforehand.
    let number: String?
}

/// The file by which an insurer is asked to write policies: only the columns that its form names, in their order.
struct RosterFile: Sendable {
    let form: InsurerFileForm
    let batch: InsuranceBatch
    let product: InsuranceProduct

    var titles: String { CSVLine.text(form.roster.map(\.title)) }

    /// - Parameter member: nil for somebody who is not in the register any more; the cells about the person are empty then.
    func line(_ entry: RosterEntry, _ member: Member?) -> String {
        CSVLine.text(form.roster.map { cell($0.field, entry, member) })
    }

    private func cell(_ field: InsurerFileForm.RosterField, _ entry: RosterEntry, _ member: Member?) -> String {
        switch field {
        case .reference: PolicyReference(batchID: batch.id, policyID: entry.policyID).description
        case .name: member?.person?.name.text ?? ""
        case .nationalId: member?.person?.nationalID.text ?? ""
        case .phone: member?.person?.phone?.text ?? ""
        // Of somebody who was forgotten they are no longer told.
        case .birthOn: member?.erasedAt == nil ? member?.birthOn.description ?? "" : ""
        case .sex: member?.erasedAt == nil ? member.map { $0.sex == .female ? "女" : "男" } ?? "" : ""
        case .workerKind: member?.workerKind.chineseNames[0] ?? ""
        case .product: product.facts.name
        case .sumInsuredFen: "\(product.facts.sumInsuredFen)"
        case .premiumFen: "\(batch.facts.premiumFen)"
        // The batch's own: what an insurer says later of one policy does not change what it was asked.
        case .coverFrom: batch.facts.coverFrom.description
        case .coverTo: CalendarDate(daysSince1970: batch.facts.coverUntil.daysSince1970 - 1).description
        case .number: entry.number ?? ""
        // Members name somebody when they accept, which is after the insurer wrote the policy.
        case .beneficiary: product.facts.beneficiary == .statutory ? "法定" : ""
        }
    }
}
