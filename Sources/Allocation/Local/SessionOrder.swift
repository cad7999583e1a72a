/// Whom a session lets go first: the lower number.
package protocol SessionOrder {
    func number(of place: Int, at session: Int) -> UInt32
}

/// Those of the session's own area, then the others; among them the common order.
package struct AreaOrder: SessionOrder {
    private let areas: [UInt32]
    private let places: [UInt32]

    /// - Parameters:
    ///   - areas: of the sessions; nil: nobody is local there.
    ///   - places: the areas of the applicants by place; `UInt32.max`: none.
    package init(areas: [UInt32?], places: [UInt32]) {
        self.areas = areas.map { $0 ?? .max }
        self.places = places
    }

    package func isLocal(_ place: Int, at session: Int) -> Bool { areas[session] != .max && places[place] == areas[session] }

    package func number(of place: Int, at session: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: isLocal(place, at: session) ? place : place + places.count)
    }
}
