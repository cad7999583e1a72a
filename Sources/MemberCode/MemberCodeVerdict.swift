/// What a check of a code finds. Whether the member may enter is another question.
package enum MemberCodeVerdict: Hashable, Sendable {
    /// Authentic, and in its time.
    case valid(MemberCode)
    /// Not a code: another QR, or one cut short.
    case malformed
    /// Made with a key that is not held here: an old one, or another service's.
    case unknownKey
    /// Of the form of a code, but not made with the key it names.
    case forged
    /// Authentic, and past its time.
    case expired(MemberCode)
    /// Authentic, and issued later than now: one of the clocks is wrong.
    case fromFuture(MemberCode)
}
