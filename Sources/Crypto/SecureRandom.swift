import COpenSSL

/// Random bytes from libcrypto's generator, seeded by the kernel.
package enum SecureRandom {
    /// `count` random bytes, fit for keys.
    package static func bytes(_ count: Int) -> [UInt8] {
        precondition((0...Int(CInt.max)).contains(count), "libcrypto counts in 31 bits")
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            fill(UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count))
            initialized = count
        }
    }

    /// A random number of 64 bits.
    package static func number() -> UInt64 {
        var number: UInt64 = 0
        withUnsafeMutableBytes(of: &number) { fill($0) }
        return number
    }

    static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let start = buffer.baseAddress, !buffer.isEmpty else { return }
        must(RAND_priv_bytes(start.assumingMemoryBound(to: UInt8.self), CInt(buffer.count)), "RAND_priv_bytes")
    }
}

/// Random bytes for many small takings: libcrypto needs a microsecond to be asked at all, so it is asked for a page at a time.
///
/// What was handed out is wiped. Not for a process that forks without exec: parent and child would share what is left of the page.
struct RandomSupply: ~Copyable {
    private let page = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    private var used = 4096

    deinit {
        OPENSSL_cleanse(page.baseAddress, page.count)
        page.deallocate()
    }

    /// Fills `buffer`, of at most a page.
    mutating func take(into buffer: UnsafeMutableRawBufferPointer) {
        if used + buffer.count > page.count {
            SecureRandom.fill(page)
            used = 0
        }
        let piece = UnsafeMutableRawBufferPointer(rebasing: page[used..<used + buffer.count])
        buffer.copyMemory(from: UnsafeRawBufferPointer(piece))
        OPENSSL_cleanse(piece.baseAddress, piece.count)
        used += buffer.count
    }
}
