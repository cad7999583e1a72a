import Glibc
import Synchronization

/// Writes lines to a descriptor on a thread of its own; beyond 4 MiB waiting, lines are dropped and their number is written instead.
///
/// Unchecked because the condition variable guards the state; it is made for being shared.
package final class LogSink: @unchecked Sendable {
    private let descriptor: CInt
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting: [UInt8] = []
    private var isWriting = false
    private var dropped = 0
    private static let waitingMax = 4 << 20

    /// A sink that lives as long as the process.
    package init(descriptor: CInt) throws(SystemError) {
        self.descriptor = descriptor
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
        try startThread(name: "log") { ready in
            ready()
            self.run()
        }
    }

    package func write(_ line: [UInt8]) {
        pthread_mutex_lock(mutex)
        if waiting.count + line.count > Self.waitingMax { dropped += 1 } else { waiting.append(contentsOf: line) }
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }

    /// Blocks until all lines are written.
    package func flush() {
        pthread_mutex_lock(mutex)
        while !waiting.isEmpty || isWriting { pthread_cond_wait(changed, mutex) }
        pthread_mutex_unlock(mutex)
    }

    private func run() {
        while true {
            pthread_mutex_lock(mutex)
            while waiting.isEmpty { pthread_cond_wait(changed, mutex) }
            var batch = waiting
            waiting = []
            if dropped > 0 {
                batch.append(contentsOf: "{\"level\":\"warning\",\"event\":\"log.dropped\",\"lines\":\(dropped)}\n".utf8)
                dropped = 0
            }
            isWriting = true
            pthread_mutex_unlock(mutex)
            writeAll(batch)
            pthread_mutex_lock(mutex)
            isWriting = false
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(mutex)
        }
    }

    private func writeAll(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR && errno != EAGAIN { return }
        }
    }
}
