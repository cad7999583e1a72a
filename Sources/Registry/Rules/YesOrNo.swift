/// How people write yes and no in a cell.
enum YesOrNo {
    private static let answers: [String: Bool] = [
        "是": true, "有": true, "1": true, "yes": true, "y": true, "true": true,
        "否": false, "无": false, "没有": false, "0": false, "no": false, "n": false, "false": false,
    ]

    /// Nil for anything else.
    static func answer(_ text: String) -> Bool? { answers[text] ?? answers[text.lowercased()] }
}
