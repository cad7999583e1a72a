package import Crypto

/// Which way somebody goes.
package enum DoorDirection: String, Codable, CaseIterable, Sendable {
    case inward = "in"
    case outward = "out"
}

/// One code read at the door.
package struct DoorScan: Hashable, Sendable {
    /// Made here, once: the question to the server, the decision alone and the upload all carry it.
    package let requestID: UUIDv7
    package let direction: DoorDirection
    package let moment: Moment
    /// As read, without the end of line; at most `codeMax` characters.
    package let code: String

    /// What is longer is cut: no code of any kind is.
    package static let codeMax = 1_024

    package init(requestID: UUIDv7, direction: DoorDirection, moment: Moment, code: String) {
        self.requestID = requestID
        self.direction = direction
        self.moment = moment
        self.code = code
    }
}

/// What came of it.
package struct DoorDecision: Hashable, Sendable {
    package enum Decider: String, Codable, Sendable { case server, controller }

    package let isOpen: Bool
    /// Every failing condition; none exactly when open.
    package let reasons: [String]
    package let decider: Decider
    /// How long to hold the relay; 0 when the door stays shut.
    package let relayMilliseconds: Int32

    package init(isOpen: Bool, reasons: [String], decider: Decider, relayMilliseconds: Int32) {
        self.isOpen = isOpen
        self.reasons = reasons
        self.decider = decider
        self.relayMilliseconds = relayMilliseconds
    }
}

/// What the server answered to a scan within its time.
package struct DoorAnswer: Hashable, Sendable {
    package let isOpen: Bool
    package let reasons: [String]
    package let relayMilliseconds: Int32

    package init(isOpen: Bool, reasons: [String], relayMilliseconds: Int32) {
        self.isOpen = isOpen
        self.reasons = reasons
        self.relayMilliseconds = relayMilliseconds
    }
}
