import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Insurance
@testable import Registry

extension InsuranceScene {
    /// Members with names, national ids and phones, as an import brings them.
    func persons(_ count: Int, seed: UInt64 = 5) async throws {
        var register = DemoRegister(seed: seed, count: count)
        var file: [UInt8] = []
        while let piece = register.next() { file += piece }
        let done = await at().client.send(
            .post, "/v1/member-imports?organizationId=\(east)", bearer: owner, body: file, contentType: "text/csv")
        try #require(done.status == 201, "\(done.text)")
        // Of an age at which all of them are insured.
        _ = try await database.query("update member set birth_on = '1990-01-01'")
    }

    /// Sends a file and holds the answer against the route's declaration.
    func upload(_ path: String, _ file: [UInt8], bearer: String? = nil) async -> TestResponse {
        let response = await at().client.send(.post, path, bearer: bearer ?? owner, body: file, contentType: "text/csv")
        #expect(response.undeclared == nil)
        return response
    }

    func results(_ batch: ID<InsuranceBatch>, _ file: String, query: String = "") async -> TestResponse {
        await upload("/v1/insurance-batches/\(batch)/results\(query)", Array(file.utf8))
    }

    /// All that waits goes out.
    @discardableResult
    func roster(_ batch: ID<InsuranceBatch>) async throws -> RosterAnswer {
        let made = await at().send(.post, "/v1/insurance-batches/\(batch)/rosters")
        try #require(made.status == 201, "\(made.text)")
        return try made.json(RosterAnswer.self)
    }

    func download(_ batch: ID<InsuranceBatch>, _ number: Int32 = 1, bearer: String? = nil) async -> TestResponse {
        await at().send(.get, "/v1/insurance-batches/\(batch)/rosters/\(number)?reason=send-to-insurer", bearer: bearer)
    }

    /// A batch whose policies were sent, with their references.
    func sent(_ size: Int, of product: ProductAnswer) async throws -> (id: ID<InsuranceBatch>, references: [String]) {
        let batch = try await confirmed(of: product, size: size)
        try await roster(batch.id)
        return (batch.id, try await policies(batch.id).map(\.reference.description))
    }

    static let titles = "流水号,承保结果,保单号,保险起期,保险止期,原因\r\n"

    static func issued(_ reference: String, _ number: String, from: String = "", to: String = "") -> String {
        "\(reference),成功,\(number),\(from),\(to),\r\n"
    }

    static func rejected(_ reference: String, _ reason: String = "") -> String { "\(reference),失败,,,,\(reason)\r\n" }

    /// An insurer with this form, and a product of it.
    func product(form: InsurerFileForm, acceptDays: Int? = nil) async throws -> ProductAnswer {
        let form = String(decoding: try JSON.encode(form), as: UTF8.self)
        let made = await at().send(
            .post, "/v1/insurers", #"{"organizationId":\#(city),"name":"互助会","hotline":"95500","fileForm":\#(form)}"#)
        try #require(made.status == 201, "\(made.text)")
        return try await product(of: try made.json(InsurerAnswer.self).id, acceptDays: acceptDays)
    }

    /// An organizer of the city with this role.
    func organizer(_ role: AccountRole, mayUnmask: Bool = false) async throws -> String {
        let name = "\(role.rawValue) \(mayUnmask)"
        let token = try await registry.accounts.createOwner(name: name)
        _ = try await database.query(
            """
            update account_grant set role = \(role.rawValue), organization_id = \(city), may_unmask = \(mayUnmask)
            where account_id = (select account_id from account where name = \(name))
            """)
        return token
    }
}
