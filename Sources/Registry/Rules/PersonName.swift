/// A person's name, 1 to 50 characters: letters of any script, the middle dot of names such as 阿卜杜拉·买买提 (its many look-alikes
/// become ·), and inside also space, hyphen, apostrophe and full stop.
///
/// Personal data: never logged; `description` is the masked form. A cell such as `=CMD|…` is no name, for it does not begin with a letter.
package struct PersonName: Hashable, Sendable {
    /// The name in clear: for sealing.
    package let text: String

    package static let charactersMax = 50

    package init(_ text: String) throws(MemberFault) {
        // Nearly all names are a few common Han characters: nothing to tidy, nothing to look up.
        if !text.isEmpty, text.utf8.count <= 36, text.unicodeScalars.allSatisfy({ (0x4E00...0x9FA5).contains($0.value) }) {
            self.text = text
            return
        }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x2022, 0x2027, 0x2E31, 0x30FB, 0xFF65, 0x22C5, 0x2219, 0x0387: scalars.append("\u{B7}")
            case 0x3000, 0x00A0: scalars.append(" ")
            default: scalars.append(scalar)
            }
        }
        while scalars.first == " " || scalars.first == "\t" { scalars.removeFirst() }
        while scalars.last == " " || scalars.last == "\t" { scalars.removeLast() }
        guard let first = scalars.first else { throw .nameMissing }
        guard scalars.count <= Self.charactersMax else { throw .nameTooLong }
        guard first.properties.isAlphabetic, scalars.allSatisfy(Self.mayStand) else { throw .nameCharacters }
        self.text = String(scalars)
    }

    private static func mayStand(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\u{B7}", " ", "-", "'", "\u{2019}", ".": true
        default:
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .spacingMark: true
            default: scalar.properties.isAlphabetic
            }
        }
    }

    /// `张*`.
    package var masked: String { text.prefix(1) + "*" }
}

extension PersonName: CustomStringConvertible, CustomReflectable {
    package var description: String { masked }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
