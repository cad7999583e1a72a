import Glibc
import Runtime
import Testing

@Suite struct ChildProcessTests {
    @Test func `a program gets its input and its output and status come back`() throws {
        let (end, output) = try ChildProcess.run("/bin/sh", ["-c", "cat; echo error >&2; exit 3"], input: "hello\n")
        #expect(end == .status(3))
        #expect(output == "hello\nerror\n")
    }

    @Test func `a program that does not exist is a system error`() {
        #expect(throws: SystemError(call: "posix_spawn /no/such", code: ENOENT)) { try ChildProcess.start("/no/such", []) }
    }

    @Test func `a wait ends by time, by a readable descriptor, or by the end of the process, which is told again when asked again`() throws
    {
        let child = try ChildProcess.start("/bin/sleep", ["1000"])
        #expect(child.wait(timeout: .zero) == .timedOut)
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        #expect(child.wait(timeout: .zero, interrupt: ends[0]) == .timedOut)
        #expect(write(ends[1], "x", 1) == 1)
        #expect(child.wait(interrupt: ends[0]) == .interrupted)
        child.send(SIGKILL)
        #expect(child.wait() == .ended(.signal(SIGKILL)))
        #expect(child.wait() == .ended(.signal(SIGKILL)))
        child.send(SIGKILL)
        close(ends[0])
        close(ends[1])
    }

    @Test func `a child has a session of its own, no descriptor but three, and a clean signal mask`() throws {
        let script = "ls /proc/self/fd | wc -l; grep -E 'SigBlk|SigIgn' /proc/self/status; cut -d ' ' -f 6 /proc/$$/stat; echo $$"
        let (_, output) = try ChildProcess.run("/bin/sh", ["-c", script])
        let lines = output.split(separator: "\n").map { $0.split(whereSeparator: \.isWhitespace) }
        // Three, and the one that ls opens for the folder.
        #expect(lines.first == ["4"])
        // Signals 1 to 28: glibc leaves its two internal ones, 32 and 33, ignored in what it spawns.
        #expect(lines.dropFirst().prefix(2).map { $0.last?.suffix(7) } == ["0000000", "0000000"])
        #expect(lines.suffix(2).first == lines.last)
    }

    @Test func `work that blocks has a thread of its own`() async throws {
        let outcome = await onThread(name: "test") { pthread_equal(pthread_self(), pthread_self()) != 0 }
        #expect(try outcome.get())
    }
}
