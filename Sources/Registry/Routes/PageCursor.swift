package import HTTP
package import Runtime

/// Where a list goes on, opaque to the client: the id of the last item shown.
package enum PageCursor {
    /// The parameters of every list in the order of its ids.
    package static let parameters: [Parameter] = [
        .query("limit", .integer(1...200), "Items in the answer, 50 by default"),
        .query("after", schema, "The answer before gave it as next"),
    ]

    /// The member of every page that leads to the next one.
    package static let next = Schema.Field.optional("next", schema, "Where the list goes on; absent on the last page")

    /// Ids of fewer than 19 digits, so that all of them are an `Int64`.
    private static let schema = Schema.string(
        1...18,
        pattern: Pattern("^[1-9][0-9]*$") { text in text.first != 0x30 && text.allSatisfy { (0x30...0x39).contains($0) } })

    /// The page asked for: the id to go on after, and how many.
    package static func read<Entity>(_ request: Request, of _: Entity.Type) -> (after: ID<Entity>?, limit: Int) {
        (request.optionalParameter("after"), request.optionalParameter("limit") ?? 50)
    }

    /// The page of `items`, of which one more than `limit` was asked for.
    package static func page<Item, Entity>(
        _ items: [Item], limit: Int, id: (Item) -> ID<Entity>
    ) -> (items: [Item], next: String?) {
        let shown = Array(items.prefix(limit))
        return (shown, items.count > limit ? shown.last.map { id($0).description } : nil)
    }
}
