import CLinux
import Glibc
import Runtime

/// SIGTERM, SIGINT and SIGHUP as a descriptor that becomes readable; SIGPIPE is nobody's end.
struct SignalDescriptor {
    let descriptor: CInt

    /// Before other threads are started: they inherit that these signals are not for them.
    init() throws(SystemError) {
        signal(SIGPIPE, SIG_IGN)
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        descriptor = signalfd(-1, &signals, CInt(SFD_CLOEXEC))
        guard descriptor >= 0 else { throw .last("signalfd") }
    }
}

/// One controller a folder: two would write into one journal.
final class FolderLock {
    private let descriptor: CInt

    /// Makes the folder, for its owner only, where it is not there yet.
    init(_ folder: String) throws {
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw SystemError.last("mkdir \(folder)") }
        descriptor = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError.last("open \(folder)/lock") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw ControllerError("another controller works in \(folder)")
        }
    }

    deinit { close(descriptor) }
}
