import Crypto
import Glibc

/// Names who holds a lease: the machine and process, for people, and some random digits, for a process gets its number again.
func jobHolder() -> String {
    var name = [CChar](repeating: 0, count: 256)
    let host =
        gethostname(&name, name.count - 1) == 0 ? String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
    return "\(host.isEmpty ? "unknown" : host):\(getpid()):\(Hex.encode(SecureRandom.bytes(4)))"
}
