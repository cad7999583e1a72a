/// `/openapi.json`, generated from the routes that serve.
enum OpenAPI {
    static func document(routes: [Route], title: String, version: String) -> [UInt8] { [] }
}
