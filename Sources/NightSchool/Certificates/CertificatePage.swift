import MemberCode
import Postgres
import Registry
import Runtime

/// A certificate of completion on one sheet of A4, in Chinese and English, with a code by which anybody can ask whether it stands. No
/// script, no picture or font from elsewhere; every text is escaped where it is put in.
struct CertificatePage: Sendable {
    let certificate: CompletionCertificate

    /// A page that prints by itself.
    func html() throws(QRCodeError) -> String {
        let code = certificate.code ?? ""
        let qr = try QRCode(code, level: .quartile).svg(title: "验真码 Verification code")
        let escaped = MarkupText.escaped
        let english = certificate.titleEn.map { "<br>\(escaped($0))" } ?? ""
        let hours = Self.hours(certificate.minutes)
        return """
            <!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>结业证书 \(certificate.number)</title>\
            <style>@page{size:A4 landscape;margin:16mm}body{font:13pt/1.6 'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;\
            color:#111;max-width:250mm;margin:0 auto;text-align:center}h1{font-size:30pt;margin:6mm 0 0;color:#b3161b}\
            .name{font-size:22pt;margin:8mm 0 2mm}.course{font-size:17pt;margin:4mm 0}table{margin:6mm auto;border-collapse:collapse;\
            font-size:11pt}th,td{padding:1mm 4mm;text-align:left}th{font-weight:normal;color:#555}\
            .verify{display:flex;gap:6mm;align-items:center;justify-content:center;margin-top:6mm;font-size:9pt;text-align:left}\
            .verify svg{width:34mm;height:34mm;flex:none}code{font:8pt/1.3 'DejaVu Sans Mono',Consolas,monospace;word-break:break-all}\
            </style></head><body><h1>结业证书</h1>Certificate of completion<p class="name">\(escaped(certificate.name ?? ""))</p>\
            <p>完成夜校课程 has completed the night school course</p>\
            <p class="course">《\(escaped(certificate.title))》\(escaped(certificate.label))\(english)</p>\
            <table><tr><th>夜校 School</th><td>\(escaped(certificate.school))，\(escaped(certificate.term))</td></tr>\
            <tr><th>学时 Hours</th><td>\(hours)（\(certificate.lessonsCame)/\(certificate.lessonsCounted) 课 lessons）</td></tr>\
            <tr><th>证书编号 Number</th><td>\(certificate.number)</td></tr>\
            <tr><th>颁发日期 Issued</th><td>\(certificate.issuedOn)</td></tr></table>\
            <div class="verify">\(qr)<div>验真：扫码或输入下列文字。<br>Scan or type this to ask whether the certificate stands.<br>\
            <code>\(escaped(code))</code></div></div></body></html>

            """
    }

    /// `12`, `10.5`.
    static func hours(_ minutes: Int32) -> String {
        let tenths = (minutes * 10 + 30) / 60
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
