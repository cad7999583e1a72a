import CLinux
import Glibc
import Runtime

/// The peer of `GET /healthz`: reads whatever comes, counts ends of heads, and answers each with the same bytes. No parser, no limits, no
/// time-outs: what is left is what the kernel and the loop cost.
actor BareServer: EventHandler {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private let descriptor: CInt
    private static let answer = Array("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n".utf8)

    init(port: UInt16, on loop: EventLoop) throws(SystemError) {
        self.loop = loop
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .last("socket") }
        var one: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
        }
        guard isBound, listen(descriptor, 4_096) == 0 else { throw .last("listen") }
    }

    func start() throws(SystemError) { try loop.add(descriptor, .read, self) }

    func stop() {
        loop.remove(descriptor)
        close(descriptor)
    }

    nonisolated func ready(_ events: ReadyEvents) {
        assumeIsolated { $0.accept() }
    }

    private func accept() {
        while true {
            let client = accept4(descriptor, nil, nil, CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue))
            guard client >= 0 else { return }
            do throws(SystemError) { try loop.add(client, .read, BareConnection(client, loop)) } catch { close(client) }
        }
    }

    private actor BareConnection: EventHandler {
        nonisolated let loop: EventLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
        private let descriptor: CInt
        private var matched = 0

        init(_ descriptor: CInt, _ loop: EventLoop) {
            self.descriptor = descriptor
            self.loop = loop
        }

        nonisolated func ready(_ events: ReadyEvents) {
            assumeIsolated { $0.serve() }
        }

        private func serve() {
            let requests = withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { buffer -> Int in
                let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
                if count < 0 && errno == EAGAIN { return 0 }
                if count <= 0 { return -1 }
                var requests = 0
                for byte in buffer[0..<count] {
                    matched = byte == (matched % 2 == 0 ? 13 : 10) ? matched + 1 : (byte == 13 ? 1 : 0)
                    if matched == 4 {
                        requests += 1
                        matched = 0
                    }
                }
                return requests
            }
            if requests < 0 {
                loop.remove(descriptor)
                close(descriptor)
                return
            }
            for _ in 0..<requests { _ = send(descriptor, BareServer.answer, BareServer.answer.count, CInt(MSG_NOSIGNAL)) }
        }
    }
}
