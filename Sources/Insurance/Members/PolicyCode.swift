import Crypto
import Registry

/// What a policy certificate's QR says: which policy it is of, and that it was made here.
struct PolicyCode: Sendable {
    static let lengthMax = PaperCode.lengthMax

    private let code: PaperCode

    init(_ keys: Keys) {
        code = PaperCode(keys, prefix: "WSP1:", purpose: "waystation policy certificate")
    }

    func text(_ reference: PolicyReference) -> String { code.text(reference.description) }

    /// The policy, if the text was made here; small letters are forgiven.
    func read(_ text: String) -> PolicyReference? { code.read(text).flatMap { PolicyReference($0) } }
}
