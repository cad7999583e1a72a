import MemberCode

/// A printed card as SVG: 85.6 by 54 millimetres (ISO/IEC 7810 ID-1), the QR at 45 millimetres with its margin: a module is 0.9 mm wide.
///
/// It shows the masked name only: who finds it learns nobody's name and no number that says more than the card's own.
struct CardPicture {
    let code: String
    /// `张*`; empty for a forgotten person.
    let maskedName: String
    let organization: String
    let cardID: String
    /// The last day it is good on.
    let lastDay: String
    let hasPIN: Bool

    var svg: String {
        let qr: QRCode
        do throws(QRCodeError) { qr = try QRCode(code) } catch { preconditionFailure("a card's text fits a QR code: \(error)") }
        let pin = hasPIN ? text(48, 42, 2.6, "须输密码 · PIN required") : ""
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="85.6mm" height="54mm" viewBox="0 0 85.6 54" \
            font-family="'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif" fill="#1a1a1a">\
            <title>会员卡 \(SVGText.escaped(cardID))</title>\
            <rect x="0.1" y="0.1" width="85.4" height="53.8" rx="3.2" fill="#fff" stroke="#999" stroke-width="0.2"/>\
            <rect x="0.2" y="0.2" width="85.2" height="6.6" rx="3.1" fill="#b3261e"/>\
            <rect x="0.2" y="3.6" width="85.2" height="3.2" fill="#b3261e"/>\
            <g fill="#fff">\(text(3, 4.9, 3.6, "工会会员卡", weight: 700))\(text(25, 4.9, 2.6, "Union member card"))</g>\
            <svg x="1" y="8" width="45" height="45">\(qr.svg(title: "会员码"))</svg>\
            \(text(48, 16.5, 6, maskedName, weight: 700))\
            \(lines)\
            \(text(48, 36, 2.8, "卡号 No. \(cardID)"))\
            \(pin)\
            \(text(48, 47, 2.6, "有效期至 Valid through"))\(text(48, 51, 3.4, lastDay, weight: 700))\
            </svg>
            """
    }

    /// The organization's name in at most three lines of eleven Chinese characters' width.
    private var lines: String {
        var lines: [String] = [""]
        var width = 0.0
        for character in organization {
            let step = character.isASCII ? 0.6 : 1
            if width + step > 11 {
                if lines.count == 3 {
                    lines[2] = String(lines[2].dropLast()) + "…"
                    break
                }
                lines.append("")
                width = 0
            }
            lines[lines.count - 1].append(character)
            width += step
        }
        return lines.enumerated().map { text(48, 22 + 4.4 * Double($0), 3.2, $1) }.joined()
    }

    private func text(_ x: Double, _ y: Double, _ size: Double, _ text: String, weight: Int = 400) -> String {
        "<text x=\"\(x)\" y=\"\(y)\" font-size=\"\(size)\" font-weight=\"\(weight)\">\(SVGText.escaped(text))</text>"
    }
}

/// A door's QR for its screen or wall as SVG: A6 upright, the station's and the door's name under it.
struct DoorPicture {
    let code: String
    let name: String
    /// Under the name: when it ends, or which print it is.
    let note: String

    var svg: String {
        let qr: QRCode
        do throws(QRCodeError) { qr = try QRCode(code) } catch { preconditionFailure("a door's text fits a QR code: \(error)") }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="105mm" height="148mm" viewBox="0 0 105 148" text-anchor="middle" \
            font-family="'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif" fill="#1a1a1a">\
            <title>\(SVGText.escaped(name))</title><rect width="105" height="148" fill="#fff"/>\
            <text x="52.5" y="16" font-size="8" font-weight="700">扫码开门</text>\
            <text x="52.5" y="23" font-size="4.4">Scan to open</text>\
            <svg x="5" y="26" width="95" height="95">\(qr.svg(title: "开门码"))</svg>\
            <text x="52.5" y="131" font-size="6" font-weight="700">\(SVGText.escaped(String(name.prefix(20))))</text>\
            <text x="52.5" y="139" font-size="3.6" fill="#666">\(SVGText.escaped(note))</text>\
            </svg>
            """
    }
}

/// Text within SVG.
enum SVGText {
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            // What cannot stand in XML in any form.
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
