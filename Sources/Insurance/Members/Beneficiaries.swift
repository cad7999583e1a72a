import Crypto
import HTTP
import Postgres
import Registry
import Runtime

/// Whom a member names to get a death benefit. Personal data of two people: sealed by the member's own data key, never logged.
struct Beneficiary: Codable, Hashable, Sendable {
    enum Relation: String, Codable, CaseIterable, Sendable {
        case spouse, child, parent, sibling, grandparent, grandchild, other
    }

    let name: String
    let relation: Relation
    let phone: String?

    static let schema = Schema.object(
        "PolicyBeneficiary", "Who gets a death benefit",
        [
            .required("name", .string(1...100)), .required("relation", .oneOf(Relation.allCases.map(\.rawValue)), "To the insured person"),
            .optional("phone", .string(1...40), "A mainland mobile number"),
        ])

    /// The same as it is kept: names and phones as everywhere.
    /// - Throws: `insurance.invalid`, with every fault.
    func checked() throws(Problem) -> Beneficiary {
        var faults: [Violation] = []
        func take<Value>(_ pointer: String, _ make: () throws(MemberFault) -> Value) -> Value? {
            do throws(MemberFault) {
                return try make()
            } catch {
                faults.append(Violation(error.code, pointer: "/beneficiary/\(pointer)", zh: error.reason.zh, en: error.reason.en))
                return nil
            }
        }
        let whole = take("name") { () throws(MemberFault) in try PersonName(name) }
        let number = phone.flatMap { text in take("phone") { () throws(MemberFault) in try PhoneNumber(text) } }
        guard faults.isEmpty, let whole else { throw InsuranceProblem.invalid(faults) }
        return Beneficiary(name: whole.text, relation: relation, phone: number?.text)
    }
}

extension Beneficiary: CustomStringConvertible, CustomReflectable {
    var description: String { "Beneficiary(hidden)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// Beneficiaries by policy, sealed and opened.
struct Beneficiaries: Sendable {
    let own: OwnPolicyStore
    let members: MemberStore

    private static let column = SealedColumn(table: "policy_beneficiary", column: "sealed")

    /// Nil where none was named, and once the person is forgotten.
    func find(of policy: Policy, in querying: any Querying) async throws(PostgresError) -> Beneficiary? {
        guard let sealed = try await own.sealedBeneficiary(of: policy, in: querying),
            let text = try await members.open(
                sealed, of: policy.memberID, in: Self.column, row: policy.id.rawValue, querying: querying)
        else { return nil }
        return try InsuranceJSON.value(text)
    }

    func write(_ beneficiary: Beneficiary, of policy: Policy, in querying: any Querying) async throws(PostgresError) {
        let text = try InsuranceJSON.text(beneficiary)
        let sealed = try await members.seal(text, of: policy.memberID, in: Self.column, row: policy.id.rawValue, querying: querying)
        try await own.write(sealed, asBeneficiaryOf: policy, in: querying)
    }
}
