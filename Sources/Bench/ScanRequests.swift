import Crypto
import FoundationEssentials
import Glibc
import MemberCode
import Runtime
import Synchronization

/// Makes the requests of the scan load: a random member at the station it is at home at, in or out, with a fresh code.
///
/// The codes carry a true HMAC and an empty signature: the server checks the HMAC, and a signature costs as much as two whole scans,
/// which would be the load's cost, not the server's.
final class ScanRequests: Sendable {
    private struct State {
        var random: UInt64
        var count: UInt64 = 0
    }

    private let heads: [String]
    private let hmac: HMACKey
    private let keyID: UInt8
    private let members: UInt64
    private let stations: UInt64
    private let state = Mutex(State(random: 0x9E37_79B9_7F4A_7C15))

    /// - Parameters:
    ///   - deviceKeys: of the devices of access points 1, 2, 3 …: station n has 2n-1 and 2n.
    ///   - members: 1…members; each is at home at station 1 + id % stations.
    init(keys: Keys, deviceKeys: [String], members: Int, stations: Int) throws {
        guard let key = keys.memberCodeKeys[keys.currentMemberCodeKeyID] else {
            throw BenchError(description: "the key file has no code key")
        }
        hmac = HMACKey(key.hmacSecret)
        keyID = keys.currentMemberCodeKeyID
        self.members = UInt64(members)
        self.stations = UInt64(stations)
        heads = deviceKeys.map {
            "POST /v1/access/scans HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \($0)\r\n"
                + "Content-Type: application/json\r\nContent-Length: "
        }
    }

    func next() -> [UInt8] {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let (random, count) = state.withLock { state -> (UInt64, UInt64) in
            state.random ^= state.random << 13
            state.random ^= state.random >> 7
            state.random ^= state.random << 17
            state.count += 1
            return (state.random, state.count)
        }
        let member = 1 + random % members
        let point = 2 * (member % stations) + 1 + (random >> 40) % 2
        let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
        let id = UUIDv7(microseconds: microseconds, random: random ^ (count << 20))
        let body =
            "{\"code\":\"\(code(member, time, count))\",\"accessPointId\":\(point),"
            + "\"direction\":\"\((random >> 50) & 1 == 0 ? "in" : "out")\","
            + "\"occurredAt\":\"\(timestamp(microseconds: microseconds))\",\"requestId\":\"\(id)\"}"
        return Array((heads[Int(point - 1)] + "\(body.utf8.count)\r\n\r\n" + body).utf8)
    }

    private func code(_ member: UInt64, _ time: timespec, _ count: UInt64) -> String {
        var bytes: [UInt8] = [1, keyID]
        func append(_ value: UInt64, _ width: Int) {
            for shift in stride(from: (width - 1) * 8, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
            }
        }
        append(member, 8)
        append(UInt64(time.tv_sec), 4)
        append(60, 2)
        append(0, 2)
        append(UInt64(time.tv_nsec / 1_000) << 11 | count & 0x7FF, 4)
        append(hmac.authenticate64(bytes.span.bytes), 8)
        bytes += [UInt8](repeating: 0, count: 64)
        return "WS1:" + Base45.encode(bytes)
    }
}
