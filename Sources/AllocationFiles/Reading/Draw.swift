package import Allocation

/// What the lottery is drawn from, and where it came from.
package struct Draw: Hashable, Sendable {
    package enum Origin: Hashable, Sendable {
        /// The rules give a secret and the commitment that was published to it.
        case committed
        /// The rules give a secret alone: whether anything was published beforehand is unknown.
        case given
        /// Drawn just now: committed to by nobody.
        case drawn
    }

    package let secret: [UInt8]
    /// Empty: none.
    package let beacon: [UInt8]
    /// For readers only; empty: none.
    package let beaconSource: String
    package let origin: Origin

    package init(secret: [UInt8], beacon: [UInt8] = [], beaconSource: String = "", origin: Origin = .given) {
        self.secret = secret
        self.beacon = beacon
        self.beaconSource = beaconSource
        self.origin = origin
    }

    package var commitment: [UInt8] { Lottery.commitment(to: secret) }
    package var lottery: Lottery { Lottery(secret: secret, beacon: beacon) }
}
