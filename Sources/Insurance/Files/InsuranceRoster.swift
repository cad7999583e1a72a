import Postgres
import Registry
import Runtime

/// A file by which an insurer was asked to write policies of a batch (投保名单).
package struct InsuranceRoster: Sendable {
    /// Within its batch, from 1.
    let number: Int32
    let lines: Int32
    /// Lines that an earlier roster had, too.
    let again: Int32
    /// SHA-256 of the file as it was first written.
    let contentHash: [UInt8]
    let form: InsurerFileForm
    let madeBy: String
    let madeAt: Timestamp
    let receivedAt: Timestamp?
    let receivedBy: String?
}
