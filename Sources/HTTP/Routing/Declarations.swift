/// A parameter of a route.
package struct Parameter: Sendable {
    package enum Place: String, Sendable { case path, query, header }

    package let place: Place
    package let name: String
    package let schema: Schema
    package let summary: String
    package let isRequired: Bool

    package static func path(_ name: String, _ schema: Schema, _ summary: String) -> Parameter {
        Parameter(place: .path, name: name, schema: schema, summary: summary, isRequired: true)
    }

    package static func query(_ name: String, _ schema: Schema, _ summary: String, required: Bool = false) -> Parameter {
        Parameter(place: .query, name: name, schema: schema, summary: summary, isRequired: required)
    }

    package static func header(_ name: String, _ schema: Schema, _ summary: String, required: Bool = false) -> Parameter {
        Parameter(place: .header, name: name, schema: schema, summary: summary, isRequired: required)
    }
}

/// The body that a route takes.
package struct BodyDeclaration: Sendable {
    enum Kind: Sendable {
        case none
        case json(Schema)
        case bytes
        case stream
    }

    let kind: Kind
    let contentTypes: [String]
    package let limitBytes: Int
    /// What the description says of plain text, where it is taken beside JSON.
    var plainText: Schema?

    package static let none = BodyDeclaration(kind: .none, contentTypes: [], limitBytes: 65_536)

    /// JSON of the type's schema.
    package static func json<T: APIType & Decodable>(_ type: T.Type, limitBytes: Int = 65_536) -> BodyDeclaration {
        BodyDeclaration(kind: .json(type.schema), contentTypes: ["application/json"], limitBytes: limitBytes)
    }

    /// The same, or plain text that the handler reads by itself: for machines that speak no JSON.
    package static func json<T: APIType & Decodable>(
        _ type: T.Type, orText text: Schema, limitBytes: Int = 65_536
    ) -> BodyDeclaration {
        BodyDeclaration(
            kind: .json(type.schema), contentTypes: ["application/json", MediaType.plainText], limitBytes: limitBytes, plainText: text)
    }

    /// Collected bytes of one of these types.
    package static func bytes(_ contentTypes: [String], limitBytes: Int) -> BodyDeclaration {
        BodyDeclaration(kind: .bytes, contentTypes: contentTypes, limitBytes: limitBytes)
    }

    /// Bytes read piece by piece by the handler, which starts before they have come.
    package static func stream(_ contentTypes: [String], limitBytes: Int) -> BodyDeclaration {
        BodyDeclaration(kind: .stream, contentTypes: contentTypes, limitBytes: limitBytes)
    }
}

/// A response that a route gives.
package struct ResponseDeclaration: Sendable {
    package let status: Int
    package let summary: String
    let contentTypes: [String]
    let schema: Schema?

    /// Whether it goes on until its connection ends.
    package var isEvents: Bool { contentTypes == ["text/event-stream"] }

    package static func json<T: APIType>(_ status: Int = 200, _ type: T.Type, _ summary: String) -> ResponseDeclaration {
        ResponseDeclaration(status: status, summary: summary, contentTypes: ["application/json"], schema: type.schema)
    }

    package static func bytes(_ status: Int = 200, _ contentTypes: [String], _ summary: String) -> ResponseDeclaration {
        ResponseDeclaration(status: status, summary: summary, contentTypes: contentTypes, schema: nil)
    }

    package static func text(_ status: Int = 200, _ summary: String) -> ResponseDeclaration {
        ResponseDeclaration(status: status, summary: summary, contentTypes: ["text/plain"], schema: nil)
    }

    package static func events(_ summary: String) -> ResponseDeclaration {
        ResponseDeclaration(status: 200, summary: summary, contentTypes: ["text/event-stream"], schema: nil)
    }

    package static func empty(_ status: Int = 204, _ summary: String) -> ResponseDeclaration {
        ResponseDeclaration(status: status, summary: summary, contentTypes: [], schema: nil)
    }
}
