/// Each page's `index.html` in the two languages, for who is signed in and for who is not.
///
/// - `{{language}}`: `zh-CN` or `en`; `{{texts}}`: `zh` or `en`, as catalogues' names end.
/// - `{{t:signin.title}}`: the text of a key, from the catalogues of the page's folder and the shared ones.
/// - `{{core}}`: links to the modules that the page begins with.
/// - `{{styles:shared/base.css,worker/worker.css}}`: the files' text, in one element.
/// - `<!--first-->…<!--/first-->` stays for who is not signed in (`first-zh.html`), `<!--known-->…<!--/known-->` for who is
///   (`known-zh.html`).
struct Markup {
    private let files: [String: Source]
    private let bundled: Set<String>

    /// `bundled`: the folders that have a `core.js`.
    init(_ sources: [Source], bundled: Set<String>) {
        self.bundled = bundled
        files = Dictionary(uniqueKeysWithValues: sources.map { ($0.path, $0) })
    }

    var pages: [Source] {
        files.values.filter { $0.kind == "html" }.flatMap { page in
            ["zh", "en"].flatMap { language in
                [("first", "known"), ("known", "first")].map { kept, dropped in
                    Source(path: "\(page.folder)/\(kept)-\(language).html", text: filled(page, language, keeping: kept, dropping: dropped))
                }
            }
        }
    }

    private func filled(_ page: Source, _ language: String, keeping kept: String, dropping dropped: String) -> String {
        var text = page.keeping(kept, dropping: dropped)
        let texts = catalogue(page.folder, language)
        text = text.replacing(/\{\{t:([\w.]+)\}\}/) { match in
            guard let found = texts[String(match.1)] else { preconditionFailure("\(page.path): no text for \(match.1) in \(language)") }
            return found.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
        }
        text = text.replacing(/\{\{styles:([^}]+)\}\}/) { match in
            let styles = match.1.split(separator: ",").map { path in
                guard let style = files[String(path)] else { preconditionFailure("\(page.path): no file \(path)") }
                return style.withoutComments.text
            }
            return "<style>\n\(styles.joined())</style>"
        }
        let links = ["shared", page.folder].filter(bundled.contains).map { folder in
            "<link rel=\"modulepreload\" href=\"/web/{{version}}/\(folder)/core.js\">"
        }
        text = text.replacing("{{core}}", with: links.joined(separator: "\n"))
        return text.replacing("{{language}}", with: language == "zh" ? "zh-CN" : "en").replacing("{{texts}}", with: language)
    }

    /// Every key of the catalogues, which are written `'key': 'text'`.
    private func catalogue(_ folder: String, _ language: String) -> [String: String] {
        var texts: [String: String] = [:]
        for file in files.values where [folder, "shared"].contains(file.folder) && file.path.hasSuffix("-\(language).js") {
            for match in file.text.matches(of: /'([\w.]+)': '((?:[^'\\]|\\.)*)'/) {
                texts[String(match.1)] = String(match.2.replacing("\\'", with: "'"))
            }
        }
        return texts
    }
}
