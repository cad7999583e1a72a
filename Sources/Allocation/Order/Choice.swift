/// Chooses among all applicants without regard to sessions: floors are filled as far as people can fill them, then the order decides.
///
/// This is the meritorious horizontal choice rule with overlapping reserves (Sönmez and Yenmez 2020; also Aziz and Sun 2021): the only one
/// that fills the floors best, keeps the order among equals and wastes no place when a winner counts for one floor. First, in the order,
/// everybody who fills one more reserved place; then, in the order, whoever is next. Serving one floor after the other instead loses places
/// where floors overlap.
package struct Choice: Sendable {
    /// By place: bit 0, chosen for a floor; bit 1, chosen.
    package private(set) var standing: [UInt8]
    /// How many were chosen for a floor.
    package private(set) var reservedCount = 0
    package private(set) var count = 0

    private static let reserved: UInt8 = 1
    private static let chosen: UInt8 = 2

    /// - Parameter caps: of organizations, which go before floors: nobody is chosen beyond one.
    package init(_ lineup: Lineup, quota: Int, floors: FloorTable, caps given: OrganizationCaps) {
        var caps = given
        standing = [UInt8](repeating: 0, count: lineup.count)
        var filled = FloorCount(sizes: floors.sizes)
        let masks = lineup.floorMasks.span
        for place in 0..<lineup.count where filled.isRaised(by: masks[place]) && caps.hasRoom(place) {
            if count == quota { break }
            filled.add(masks[place])
            caps.take(place)
            standing[place] = Self.reserved | Self.chosen
            count += 1
            if filled.isFull { break }
        }
        reservedCount = count
        for place in 0..<lineup.count where standing[place] == 0 && caps.hasRoom(place) {
            if count == quota { break }
            caps.take(place)
            standing[place] = Self.chosen
            count += 1
        }
    }

    package func isReserved(_ place: Int) -> Bool { standing[place] & Self.reserved != 0 }

    package func isChosen(_ place: Int) -> Bool { standing[place] & Self.chosen != 0 }
}
