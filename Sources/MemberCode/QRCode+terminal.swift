extension QRCode {
    /// A drawing of half blocks with its quiet zone, two rows of modules in a line of text.
    ///
    /// - Parameter colours: black on white by escape codes, right on every terminal. Without them light modules are drawn and dark ones
    ///   left out, which is right where the text is lighter than its ground.
    package func terminal(colours: Bool = true) -> String {
        let drawn = -Self.quietZone..<side + Self.quietZone
        var text = ""
        for row in stride(from: drawn.lowerBound, to: drawn.upperBound, by: 2) {
            // The palette's fixed black and white: the first sixteen colours are whatever the user's theme makes of them.
            if colours { text += "\u{1B}[38;5;16;48;5;231m" }
            for column in drawn {
                // What is left out shows the ground: white with colours, dark without.
                let upper = self[row, column] == colours
                let lower = self[row + 1, column] == colours
                text += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ")
            }
            text += colours ? "\u{1B}[0m\n" : "\n"
        }
        return text
    }
}
