extension Schema {
    /// JSON Schema (draft 2020-12, as OpenAPI 3.1 has it); named objects go to `components` and are referred to.
    func openAPI(_ components: inout [String: JSONTree]) -> JSONTree {
        var members: [(String, JSONTree)]
        switch kind {
        case .object(let name, let fields):
            if components[name] == nil {
                // Reserved first: a schema may contain itself only through another name.
                components[name] = .object([])
                components[name] = Self.object(fields, summary, &components)
            }
            let reference: JSONTree = .object([("$ref", .string("#/components/schemas/" + name))])
            return isNullable ? .object([("anyOf", .array([reference, .object([("type", "null")])]))]) : reference
        case .string(let length, let pattern):
            members = [
                ("type", type("string")), ("minLength", .integer(Int64(length.lowerBound))),
                ("maxLength", .integer(Int64(length.upperBound))),
                ("pattern", .string((pattern ?? .visible).regex)),
            ]
            if let format = pattern?.format { members.append(("format", .string(format))) }
        case .option(let options):
            let values = options.map { JSONTree.string($0) }
            members = [("type", type("string"))]
            members.append(
                isNullable
                    ? ("anyOf", .array([.object([("enum", .array(values))]), .object([("type", "null")])])) : ("enum", .array(values)))
        case .integer(let range):
            members = [("type", type("integer")), ("minimum", .integer(range.lowerBound)), ("maximum", .integer(range.upperBound))]
            members.append(("format", "int64"))
        case .number(let range):
            members = [("type", type("number")), ("minimum", .number(range.lowerBound)), ("maximum", .number(range.upperBound))]
        case .boolean: members = [("type", type("boolean"))]
        case .array(let element, let count):
            members = [
                ("type", type("array")), ("items", element.openAPI(&components)), ("minItems", .integer(Int64(count.lowerBound))),
                ("maxItems", .integer(Int64(count.upperBound))),
            ]
        case .map(let value): members = [("type", type("object")), ("additionalProperties", value.openAPI(&components))]
        case .any: members = []
        }
        if !summary.isEmpty { members.append(("description", .string(summary))) }
        return .object(members)
    }

    private func type(_ name: String) -> JSONTree {
        isNullable ? .array([.string(name), "null"]) : .string(name)
    }

    private static func object(_ fields: [Field], _ summary: String, _ components: inout [String: JSONTree]) -> JSONTree {
        let properties = fields.map { ($0.name, $0.schema.openAPI(&components)) }
        return .object([
            ("type", "object"), ("description", .string(summary)), ("properties", .object(properties)),
            ("required", .array(fields.filter(\.isRequired).map { .string($0.name) })), ("additionalProperties", .bool(false)),
        ])
    }
}
