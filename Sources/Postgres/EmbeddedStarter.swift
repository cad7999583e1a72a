import Glibc
import Runtime

/// Brings the postmaster of a cluster up and down. Blocks; every wait ends early when `stopAsked` becomes readable.
struct EmbeddedStarter {
    private static let firstDelay = Duration.milliseconds(100)
    private static let delayMax = Duration.seconds(10)
    /// Backends of a killed postmaster may hold its shared memory for a moment, so a start is tried again before it is given up.
    private static let startAttempts = 4

    let cluster: EmbeddedCluster
    let stopAsked: CInt
    let log: Log

    /// A postmaster that accepts connections: an orphan's, or a new one.
    func start() throws(EmbeddedServerError) -> ChildProcess {
        try cluster.initialize()
        let hasNewSettings = try cluster.writeSettings()
        if let orphan = PostmasterFile.orphan(cluster: cluster.folder, user: cluster.user) {
            if !hasNewSettings, try isReady(orphan) {
                log.notice("postgres.adopted", ["process": .integer(Int64(orphan.id))])
                return orphan
            }
            Self.stop(orphan, allowance: .seconds(60), log: log)
        }
        var delay = Self.firstDelay
        for attempt in 1... {
            let postmaster: ChildProcess
            do { postmaster = try cluster.startPostmaster() } catch { throw .system(error) }
            if try isReady(postmaster) {
                log.info(
                    "postgres.started", ["process": .integer(Int64(postmaster.id)), "version": .integer(Int64(cluster.binaries.version))])
                return postmaster
            }
            if attempt >= Self.startAttempts || isStopAsked(within: delay) { break }
            delay = min(delay * 3, Self.delayMax)
        }
        throw isStopAsked(within: .zero) ? .stopped : .startFailed(reason: cluster.startReport)
    }

    /// Starts again after a crash, for as long as it takes; nil when asked to stop meanwhile.
    func restart() -> ChildProcess? {
        var delay = Self.firstDelay
        while !isStopAsked(within: delay) {
            do throws(EmbeddedServerError) {
                return try start()
            } catch .stopped {
                return nil
            } catch {
                log.error("postgres.restart_failed", ["reason": .text(error.description)])
            }
            delay = min(delay * 3, Self.delayMax)
        }
        return nil
    }

    /// A fast shutdown, and after `allowance` an immediate one.
    static func stop(_ postmaster: ChildProcess, allowance: Duration, log: Log) {
        for (signal, patience) in [(SIGINT, allowance), (SIGQUIT, Duration.seconds(10)), (SIGKILL, .seconds(10))] {
            postmaster.send(signal)
            if case .ended = postmaster.wait(timeout: patience) {
                log.info("postgres.stopped", ["process": .integer(Int64(postmaster.id))])
                return
            }
            log.warning("postgres.slow_stop", ["process": .integer(Int64(postmaster.id)), "signal": .integer(Int64(signal))])
        }
    }

    /// Waits until the postmaster accepts connections, for as long as recovery takes; false when it ended instead.
    private func isReady(_ postmaster: ChildProcess) throws(EmbeddedServerError) -> Bool {
        let began = MonotonicTime.current
        var reports: Int64 = 0
        while true {
            if let file = PostmasterFile(cluster: cluster.folder), file.process == postmaster.id, file.status == "ready" { return true }
            switch postmaster.wait(timeout: .milliseconds(10), interrupt: stopAsked) {
            case .ended: return false
            case .interrupted:
                Self.stop(postmaster, allowance: .seconds(10), log: log)
                throw .stopped
            case .timedOut: break
            }
            let seconds = (.current - began).components.seconds
            if seconds / 10 > reports {
                reports = seconds / 10
                log.notice("postgres.starting", ["seconds": .integer(seconds)])
            }
        }
    }

    private func isStopAsked(within time: Duration) -> Bool {
        var watched = pollfd(fd: stopAsked, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, CInt(clamping: time.milliseconds)) > 0
    }
}
