/// A beacon without a network: numbers that others draw or publish at an announced time (lottery draws, closing figures), written as one
/// text so that everybody gets the same bytes (RFC 3797, section 4, for whole numbers).
///
/// Which sources, and in which order, is announced with the commitment.
package enum PublicSources {
    /// Each source's numbers rise and end with a full stop, each source ends with a stroke: `9319./2.5.8.10.12./`. The order within a
    /// source means nothing, the order of the sources does.
    package static func key(_ sources: [[UInt64]]) -> String {
        sources.map { $0.sorted().map { "\($0)." }.joined() + "/" }.joined()
    }

    /// What goes into the lottery's seed.
    package static func beacon(_ sources: [[UInt64]]) -> [UInt8] { Array(key(sources).utf8) }
}
