/// One file of `sql/`: its path below that folder and its text. `sqlFiles`, made by the EmbedSQL plugin, lists all of them ordered by path.
package struct SQLFile: Sendable {
    package let path: String
    package let text: String

    package init(path: String, text: String) {
        self.path = path
        self.text = text
    }
}
