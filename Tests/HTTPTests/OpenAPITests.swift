import FoundationEssentials
import Runtime
import Testing

@testable import HTTP

struct OpenAPITests {
    private struct Document: Decodable {
        struct Operation: Decodable {
            let operationId: String
            let summary: String
            let responses: [String: Response]
        }
        struct Response: Decodable {
            let ref: String?
            let description: String?

            enum CodingKeys: String, CodingKey {
                case ref = "$ref"
                case description
            }
        }
        struct Components: Decodable { let responses: [String: Response] }
        let openapi: String
        let components: Components
        let paths: [String: [String: Operation]]
    }

    private func document() async throws -> (document: Document, text: String) {
        let client = TestClient(SampleAPI.make(), loop: try EventLoop.start(name: "openapi"))
        let response = await client.send(.get, "/openapi.json")
        #expect(response.undeclared == nil)
        return (try response.json(Document.self), response.text)
    }

    @Test func `every route stands in the document and nothing else`() async throws {
        let (document, _) = try await document()
        let documented = document.paths.flatMap { path, operations in operations.keys.map { "\($0) \(path)" } }.sorted()
        let routed = SampleAPI.make().routes.map { "\($0.method.rawValue.lowercased()) \($0.template)" }.sorted()
        #expect(documented == routed && document.openapi == "3.1.0")
        let ids = document.paths.values.flatMap { $0.values.map(\.operationId) }
        #expect(Set(ids).count == ids.count)
    }

    @Test func `every reference leads somewhere`() async throws {
        let text = try await document().text
        for part in text.split(separator: "\"$ref\":\"#/components/schemas/").dropFirst() {
            let name = part.prefix { $0 != "\"" }
            #expect(text.contains("\"\(name)\":{\"type\":\"object\""), "\(name)")
        }
        for part in text.split(separator: "\"$ref\":\"#/components/responses/").dropFirst() {
            let name = part.prefix { $0 != "\"" }
            #expect(text.contains("\"\(name)\":{\"description\""), "\(name)")
        }
    }

    @Test func `a problem is described once, however many routes have it`() async throws {
        let (document, text) = try await document()
        let descriptions = document.components.responses.values.compactMap(\.description)
        #expect(Set(descriptions).count == descriptions.count && !descriptions.isEmpty)
        #expect(text.split(separator: "http.headers_too_large", omittingEmptySubsequences: false).count == 2)
    }

    @Test func `each operation declares the refusals that come with what it is`() async throws {
        let (document, _) = try await document()
        let create = try #require(document.paths["/v1/notes"]?["post"])
        #expect(
            create.responses.keys.sorted() == [
                "201", "400", "401", "403", "405", "406", "408", "413", "414", "415", "417", "422", "431", "500", "503",
            ])
        let get = try #require(document.paths["/v1/notes/{id}"]?["get"])
        #expect(get.responses["404"] != nil && get.responses["403"] == nil && get.responses["415"] == nil)
        let soldOut = try #require(document.paths["/v1/stock"]?["delete"]?.responses["409"]?.ref?.split(separator: "/").last)
        #expect(document.components.responses[String(soldOut)]?.description == "`shop.sold_out` Sold out")
    }

    @Test func `codes are unique, in families, and titled in both languages`() {
        let codes = HTTPProblem.all.map(\.code)
        #expect(Set(codes).count == codes.count)
        for problem in HTTPProblem.all {
            #expect(["http", "auth", "request"].contains(String(problem.code.prefix { $0 != "." })))
            #expect(!problem.title.zh.isEmpty && !problem.title.en.isEmpty)
        }
    }
}
