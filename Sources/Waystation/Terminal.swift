import Glibc

/// Whether a descriptor is a terminal: 1 for standard output, 2 for standard error.
func isTerminal(_ descriptor: CInt) -> Bool { isatty(descriptor) == 1 }

/// The number of cores this process may run on, at least 1.
func coreCount() -> Int { max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) }

/// Text for standard output and error, written at once and whole.
enum Terminal {
    static func output(_ text: String) { write(text, to: 1) }
    static func error(_ text: String) { write(text, to: 2) }

    private static func write(_ text: String, to descriptor: CInt) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            // Nobody is left to be told when the terminal itself is gone.
            if written <= 0 { return }
            rest = rest.dropFirst(written)
        }
    }
}
