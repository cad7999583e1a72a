import MemberCode
import Postgres
import Registry
import Runtime

/// A policy on one sheet of A4, in Chinese and English, for its holder: who is insured, what for, until when, and a code by which anybody
/// can ask whether it still holds. No script, no picture or font from elsewhere; every text is escaped where it is put in.
struct PolicyCertificate: Sendable {
    let own: OwnPolicy
    /// In clear: it is the holder's own paper.
    let name: String
    let code: String

    /// A page that prints by itself.
    func html() throws(QRCodeError) -> String {
        let qr = try QRCode(code, level: .quartile).svg(title: "验真码 Verification code")
        var page = """
            <!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>保险凭证 \(MarkupText.escaped(own.number ?? ""))</title>\
            <style>@page{size:A4;margin:14mm}body{font:11pt/1.5 'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;color:#111;\
            max-width:182mm;margin:0 auto}h1{font-size:20pt;margin:0;color:#b3161b}h2{font-size:12pt;margin:6mm 0 1mm}\
            header{border-bottom:1mm solid #b3161b;padding-bottom:3mm;margin-bottom:5mm}table{width:100%;border-collapse:collapse}\
            th,td{border:.2mm solid #999;padding:1.6mm 2.4mm;text-align:left;vertical-align:top}th{width:52mm;background:#f4f4f4;\
            font-weight:normal}td.fen{text-align:right;width:46mm}p.advice{margin:1mm 0}\
            .verify{display:flex;gap:6mm;align-items:center;margin-top:7mm;break-inside:avoid}.verify svg{width:42mm;height:42mm;flex:none}\
            code{font:9pt/1.3 'DejaVu Sans Mono',Consolas,monospace;word-break:break-all}footer{margin-top:6mm;font-size:9pt;color:#555}\
            </style></head><body><header><h1>保险凭证</h1>Certificate of insurance</header><table>
            """
        for (title, value) in lines { page += "<tr><th>\(title)</th><td>\(Self.escaped(value))</td></tr>\n" }
        page += "</table><h2>保障内容 What is covered</h2><table>"
        for cover in own.covers {
            let english = cover.nameEn.map { "<br>\(Self.escaped($0))" } ?? ""
            page += "<tr><td>\(Self.escaped(cover.name))\(english)</td><td class=\"fen\">\(Yuan.text(cover.fen)) 元 CNY</td></tr>\n"
        }
        let english = own.claimAdviceEn.map { "<p class=\"advice\">\(Self.escaped($0))</p>" } ?? ""
        return page + """
            </table><h2>如何报案 How to claim</h2><p class="advice">\(Self.escaped(own.claimAdvice))</p>\(english)\
            <p>客服电话 Hotline: \(Self.escaped(own.hotline))</p>\
            <div class="verify">\(qr)<div>验真：扫码或输入下列文字，可查询此保单现在是否有效。<br>\
            Scan or type this to ask whether the policy holds now.<br><code>\(Self.escaped(code))</code></div></div>\
            <footer>打印时间 Printed \(ChinaTime.text(own.now))。以保险公司的保险合同为准。The insurer's contract decides.</footer></body></html>

            """
    }

    private var lines: [(title: String, value: String)] {
        let product = own.productNameEn.map { "\(own.productName) \($0)" } ?? own.productName
        return [
            ("被保险人 Insured", name), ("保险产品 Product", product), ("承保单位 Insurer", own.insurer), ("保单号 Policy number", own.number ?? ""),
            ("流水号 Our reference", own.policy.reference.description),
            ("保险期间 Covered", "\(own.policy.coverFrom) – \(own.lastDay)（含首尾两日 both days included）"),
            ("保险金额 Sum insured", "\(Yuan.text(own.sumInsuredFen)) 元 CNY"), ("赠送单位 Given by", own.donor),
        ]
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { MarkupText.escaped(String($0)) }.joined(separator: "<br>")
    }
}
