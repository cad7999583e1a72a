import Programs
import Registry
import Runtime

/// A day at a van as it stands on paper: session by session, who has a place, masked, with a box to tick and room for walk-ins.
struct DayList: Sendable {
    struct Line: Sendable {
        let memberID: ID<Member>
        let maskedName: String
        /// Of the phone: tells two 张* apart.
        let lastDigits: String
        let state: AwardState
        let isWalkIn: Bool
    }

    struct Session: Sendable {
        let session: VanSession
        /// `08:00`, in the program's time zone.
        let startsAt: String
        let lines: [Line]
    }

    let site: String
    let address: String
    let title: String
    let day: String
    let sessions: [Session]

    /// A page that prints by itself: no script, no picture or font from elsewhere.
    var html: String {
        var page = """
            <!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>\(Self.escaped("\(site) \(day)"))</title>\
            <style>@page{size:A4;margin:12mm}body{font:11pt/1.4 'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;color:#111}\
            h1{font-size:15pt;margin:0 0 2mm}p{margin:0 0 4mm}h2{font-size:12pt;margin:5mm 0 1mm}section{break-inside:avoid-page}\
            table{width:100%;border-collapse:collapse}th,td{border:.3mm solid #888;padding:1mm 2mm;text-align:left}th{background:#eee}\
            .box{width:14mm;text-align:center}.free{width:34mm}</style></head><body>\
            <h1>\(Self.escaped(title))</h1><p>\(Self.escaped("\(site)　\(address)　\(day)"))<br>\
            到检打 ✓，填时间；未到写 ×；现场候补记在空行。Tick who came and note the time; × for who did not; walk-ins on the empty lines.</p>
            """
        for session in sessions {
            page += """
                <section><h2>\(session.startsAt) 第 \(session.session.number) 场 Session \(session.session.number) \
                （\(session.lines.count)/\(session.session.capacity)）</h2>\
                <table><thead><tr><th class="box">✓/×</th><th>会员号 No.</th><th>姓名 Name</th><th>手机尾号 Phone</th>\
                <th>状态 State</th><th class="free">时间 Time</th></tr></thead><tbody>

                """
            for line in session.lines { page += Self.row(line) }
            let empty = max(2, Int(session.session.walkIn))
            for _ in 0..<min(empty, 10) {
                page += "<tr><td class=\"box\">☐</td><td>&nbsp;</td><td></td><td></td><td>候补</td><td></td></tr>\n"
            }
            page += "</tbody></table></section>\n"
        }
        if sessions.isEmpty { page += "<p>当天没有场次。There is no session on this day.</p>" }
        return page + "</body></html>\n"
    }

    private static func row(_ line: Line) -> String {
        let box = [.attended, .used].contains(line.state) ? "☑" : line.state == .noShow ? "×" : "☐"
        return """
            <tr><td class="box">\(box)</td><td>\(line.memberID)</td><td>\(escaped(line.maskedName))</td>\
            <td>\(escaped(line.lastDigits))</td><td>\(word(line))</td><td></td></tr>

            """
    }

    private static func word(_ line: Line) -> String {
        let state =
            switch line.state {
            case .offered, .placed: "待确认"
            case .confirmed: "已确认"
            case .attended, .used: "已到"
            case .noShow: "未到"
            case .declined, .lapsed, .withdrawn, .excused: "已退"
            }
        return line.isWalkIn ? state + "·候补" : state
    }

    /// The same for a spreadsheet: with a byte order mark, and nothing in it that would be run.
    var csv: String {
        var text = "\u{FEFF}" + CSVLine.text(["场次", "场次号", "会员号", "姓名", "手机尾号", "状态", "到检时间"])
        for session in sessions {
            for line in session.lines {
                text += CSVLine.text(
                    [
                        session.startsAt, "\(session.session.number)", "\(line.memberID)", line.maskedName, line.lastDigits,
                        Self.word(line),
                        "",
                    ])
            }
        }
        return text
    }

    private static func escaped(_ text: String) -> String { MarkupText.escaped(text) }
}
