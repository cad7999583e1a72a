import Crypto
import HTTP
import Runtime

/// Where a list goes on, opaque to the client: the id of the last item shown.
struct PageCursor: Sendable {
    static let limitDefault = 50

    static let parameters: [Parameter] = [
        .query("limit", .integer(1...200), "Items in the answer, 50 by default"),
        .query("after", cursorSchema, "The answer before gave it as next"),
    ]

    private static let cursorSchema = Schema.string(
        1...40, pattern: Pattern("^[A-Za-z0-9_-]+$") { $0.allSatisfy { isBase64URL($0) } })

    private static func isBase64URL(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
    }

    /// The page asked for: the id to go on after, and how many.
    static func read<Entity>(_ request: Request, of _: Entity.Type) throws(Problem) -> (after: ID<Entity>?, limit: Int) {
        let limit = request.optionalParameter("limit", as: Int.self) ?? limitDefault
        guard let text = request.optionalParameter("after", as: String.self) else { return (nil, limit) }
        guard let bytes = Base64URL.decode(text), let number = Int64(String(decoding: bytes, as: UTF8.self)), number > 0 else {
            throw Problem(
                HTTPProblem.invalidParameter,
                violations: [
                    Violation("request.wrong_pattern", parameter: "after", zh: "不是本接口给出的游标", en: "not a cursor that a list gave out")
                ])
        }
        return (ID(number), limit)
    }

    /// The page of `items`, of which one more than `limit` was asked for.
    static func page<Item, Entity>(_ items: [Item], limit: Int, id: (Item) -> ID<Entity>) -> (items: ArraySlice<Item>, next: String?) {
        guard items.count > limit else { return (items[...], nil) }
        let shown = items.prefix(limit)
        return (shown, shown.last.map { Base64URL.encode(Array(id($0).description.utf8)) })
    }
}
