import MemberCode

/// A sheet of A4 for the wall: the organization's name, its QR, three steps in Chinese and English, the short code.
///
/// Drawn in millimetres, without a picture or a font from elsewhere, so that it prints the same for ever.
struct JoinPoster: Sendable {
    let organizationName: String
    let code: JoinCode

    private static let widthMillimetres = 210
    private static let heightMillimetres = 297
    /// Between the red band and the QR.
    private static let nameMiddle = 50.0
    private static let fonts =
        "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
    private static let steps = [
        ("扫一扫", "手机扫码，或输入上方短码", "Scan the code, or type the short code above"),
        ("填一填", "姓名、身份证号、手机号", "Fill in name, national id and phone"),
        ("进站歇歇脚", "出示会员码，驿站开门", "Show your member code: the station opens"),
    ]

    /// A picture of its own.
    func svg() throws(QRCodeError) -> String {
        let qr = try QRCode(code.qrText, level: .quartile).svg(title: "加入工会 Join the union")
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.widthMillimetres)mm" height="\(Self.heightMillimetres)mm" \
            viewBox="0 0 \(Self.widthMillimetres) \(Self.heightMillimetres)" font-family="\(Self.fonts)" text-anchor="middle">\
            <title>\(Self.escaped(organizationName)) 加入工会 Join the union</title>\
            <rect width="100%" height="100%" fill="#fff"/><rect width="100%" height="34" fill="#b3161b"/>\
            <text x="105" y="17" font-size="13" font-weight="bold" fill="#fff">加入工会</text>\
            <text x="105" y="28" font-size="7" fill="#fff">Join the union</text>
            """
        text += #"<svg x="47" y="64" width="116" height="116">\#(qr)</svg>"#
        // After the QR, whose white margin would cut off what hangs below the last line.
        let lines = Self.lines(of: organizationName)
        let size = lines.map(\.size).min() ?? 11
        let top = Self.nameMiddle + size * 0.35 - Double(lines.count - 1) * size * 0.625
        for (number, line) in lines.enumerated() {
            text += Self.text(line.text, y: top + Double(number) * size * 1.25, size: size, weight: "bold")
        }
        text += Self.text("短码  Short code", y: 181, size: 5, colour: "#555")
        text += """
            <text x="105" y="194" font-size="13" font-weight="bold" letter-spacing="1.5" \
            font-family="'DejaVu Sans Mono','Noto Sans Mono',Consolas,monospace">\(code.printed)</text>
            """
        for (number, step) in Self.steps.enumerated() {
            let y = Double(number) * 25 + 216
            text += ##"<circle cx="35" cy="\##(y)" r="8" fill="#b3161b"/>"##
            text += Self.text("\(number + 1)", x: 35, y: y + 3, size: 8.5, colour: "#fff", weight: "bold")
            text += Self.text("\(step.0)：\(step.1)", x: 49, y: y - 1, size: 7.5, anchor: "start", weight: "bold")
            text += Self.text(step.2, x: 49, y: y + 6.5, size: 5, colour: "#555", anchor: "start")
        }
        return text + "</svg>"
    }

    /// The same as a page that prints on one sheet.
    func html() throws(QRCodeError) -> String {
        """
        <!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>\(Self.escaped(organizationName)) 加入工会</title>\
        <style>@page{size:A4;margin:0}body{margin:0}svg{display:block}\
        @media screen{body{background:#ddd}body>svg{margin:8mm auto;box-shadow:0 0 4mm #888}}</style></head><body>\(try svg())</body></html>

        """
    }

    /// The name in as many lines as it needs, each as large as it may be.
    private static func lines(of name: String) -> [(text: String, size: Double)] {
        for (count, size) in [(1, 13.0), (2, 11.0), (3, 8.5)] {
            let lines = broken(name, width: 182 / size, count: count)
            if let lines { return lines.map { ($0, size) } }
        }
        // A hundred wide characters take four lines of this size.
        return (broken(name, width: 182 / 6.5, count: 5) ?? [name]).map { ($0, 6.5) }
    }

    /// `name` in at most `count` lines of about the same length, none wider than `width` ems; nil when it does not fit.
    private static func broken(_ name: String, width: Double, count: Int) -> [String]? {
        let whole = name.reduce(0) { $0 + ems($1) }
        guard whole <= width * Double(count) else { return nil }
        let aim = max(1, (whole / width).rounded(.up))
        var lines: [String] = []
        var line = ""
        var filled = 0.0
        for character in name {
            let next = filled + ems(character)
            let isFull = next > width || (Double(lines.count) < aim - 1 && filled >= whole / aim && character != " ")
            // A Latin word is broken only where it is wider than a line.
            if isFull, let space = line.lastIndex(of: " "), character.isASCII, character != " " {
                let rest = String(line[line.index(after: space)...])
                lines.append(String(line[..<space]))
                line = rest + String(character)
                filled = line.reduce(0) { $0 + ems($1) }
            } else if isFull, !character.isASCII || next > width {
                lines.append(line)
                line = String(character)
                filled = ems(character)
            } else {
                line.append(character)
                filled = next
            }
        }
        lines.append(line)
        return lines.count <= count ? lines : nil
    }

    /// How wide a character is drawn, at most: Han characters are square.
    private static func ems(_ character: Character) -> Double {
        guard let scalar = character.unicodeScalars.first, scalar.isASCII else { return 1 }
        return "iljtfrI.,:;'!| ".contains(character) ? 0.38 : character.isUppercase || "mw@%".contains(character) ? 0.8 : 0.62
    }

    private static func text(
        _ text: String, x: Double = 105, y: Double, size: Double, colour: String = "#111", anchor: String = "middle",
        weight: String = "normal"
    ) -> String {
        """
        <text x="\(x)" y="\(y)" font-size="\(size)" text-anchor="\(anchor)" font-weight="\(weight)" fill="\(colour)">\(escaped(text))</text>
        """
    }

    static func escaped(_ text: String) -> String { MarkupText.escaped(text) }
}
