/// A hierarchical timing wheel (Varghese and Lauck, 1987): schedule, cancel and expire in constant time, whatever the number pending.
///
/// Four levels of 64 slots; a slot of level n spans 64ⁿ ticks, so the wheel reaches 16.7 million ticks ahead and later deadlines
/// wait in its last slot and are placed again. Timers live in one slab of nodes linked by index: 100,000 pending idle time-outs
/// are 100,000 nodes and no work at all until they are due. Time is a tick count given by the caller; the wheel reads no clock.
package struct TimerWheel<Payload> {
    /// Names one scheduled timer; stays harmless after the timer fired or was cancelled.
    package struct Token: Hashable, Sendable {
        fileprivate let index: Int32
        fileprivate let generation: UInt32
    }

    private struct Node {
        var payload: Payload?
        var deadline: UInt64
        var next: Int32
        var previous: Int32
        var list: Int32
        var generation: UInt32
    }

    private static var levels: Int { 4 }
    private static var slots: Int { 64 }
    private static var expiredList: Int32 { Int32(levels * slots) }

    private var nodes: [Node] = []
    private var free: Int32 = -1
    private var heads: [Int32]
    private var expiredTail: Int32 = -1
    private var occupied: [UInt64]
    private var tick: UInt64

    /// The number of timers pending, those expired and not yet taken included.
    package private(set) var count = 0

    /// A wheel whose present is `tick`.
    package init(tick: UInt64) {
        self.tick = tick
        heads = Array(repeating: -1, count: Self.levels * Self.slots + 1)
        occupied = Array(repeating: 0, count: Self.levels)
    }

    /// Keeps `payload` until `advance` passes `deadline`; one not after the present is due at the next tick.
    package mutating func schedule(_ payload: Payload, at deadline: UInt64) -> Token {
        let index: Int32
        if free >= 0 {
            index = free
            free = nodes[Int(index)].next
        } else {
            index = Int32(nodes.count)
            nodes.append(Node(payload: nil, deadline: 0, next: -1, previous: -1, list: -1, generation: 0))
        }
        nodes[Int(index)].payload = payload
        nodes[Int(index)].deadline = max(deadline, tick + 1)
        count += 1
        place(index)
        return Token(index: index, generation: nodes[Int(index)].generation)
    }

    /// Forgets the timer; false if it fired or was cancelled before.
    @discardableResult
    package mutating func cancel(_ token: Token) -> Bool {
        guard nodes.indices.contains(Int(token.index)), nodes[Int(token.index)].generation == token.generation else { return false }
        unlink(token.index)
        release(token.index)
        return true
    }

    /// Moves the present to `target`; what became due is handed out by `takeExpired`.
    package mutating func advance(to target: UInt64) {
        while let next = nextBusyTick, next <= target {
            tick = next
            var level = 1
            while level < Self.levels, tick & ((1 << (6 * UInt64(level))) - 1) == 0 {
                cascade(level)
                level += 1
            }
            expireSlot(Int(tick & 63))
        }
        tick = max(tick, target)
    }

    /// One payload that is due, oldest tick first. Cancelling a timer between two calls keeps it from being handed out.
    package mutating func takeExpired() -> Payload? {
        let index = heads[Int(Self.expiredList)]
        guard index >= 0 else { return nil }
        unlink(index)
        let payload = nodes[Int(index)].payload
        release(index)
        return payload
    }

    /// The tick at which `advance` next has something to do: not later than the earliest deadline; nil when nothing is pending.
    package var nextTick: UInt64? {
        guard count > 0 else { return nil }
        return heads[Int(Self.expiredList)] >= 0 ? tick : nextBusyTick
    }

    /// The next tick at which a slot with timers in it expires or is placed anew: the ticks before it can be skipped.
    private var nextBusyTick: UInt64? {
        var earliest = UInt64.max
        for level in 0..<Self.levels where occupied[level] != 0 {
            let shift = 6 * UInt64(level)
            let position = (tick >> shift) & 63
            // Rotated so that bit 0 is the slot after the present one.
            let amount = (position + 1) & 63
            let mask = occupied[level]
            let rotated = amount == 0 ? mask : (mask >> amount) | (mask << (64 - amount))
            let distance = UInt64(rotated.trailingZeroBitCount) + 1
            earliest = min(earliest, ((tick >> shift) + distance) << shift)
        }
        return earliest == .max ? nil : earliest
    }

    // MARK: Lists

    private mutating func place(_ index: Int32) {
        let deadline = nodes[Int(index)].deadline
        let ahead = deadline - tick
        let level: Int
        if ahead < 64 { level = 0 } else if ahead < 4_096 { level = 1 } else if ahead < 262_144 { level = 2 } else { level = 3 }
        let reach = min(deadline, tick + 16_777_215)
        let slot = Int((reach >> (6 * UInt64(level))) & 63)
        link(index, list: Int32(level * Self.slots + slot))
        occupied[level] |= 1 << UInt64(slot)
    }

    private mutating func cascade(_ level: Int) {
        let slot = Int((tick >> (6 * UInt64(level))) & 63)
        let list = level * Self.slots + slot
        var index = heads[list]
        heads[list] = -1
        occupied[level] &= ~(1 << UInt64(slot))
        while index >= 0 {
            let next = nodes[Int(index)].next
            if nodes[Int(index)].deadline <= tick { link(index, list: Self.expiredList) } else { place(index) }
            index = next
        }
    }

    private mutating func expireSlot(_ slot: Int) {
        guard occupied[0] & (1 << UInt64(slot)) != 0 else { return }
        var index = heads[slot]
        heads[slot] = -1
        occupied[0] &= ~(1 << UInt64(slot))
        while index >= 0 {
            let next = nodes[Int(index)].next
            link(index, list: Self.expiredList)
            index = next
        }
    }

    /// The expired list keeps its order, the slots' lists have none.
    private mutating func link(_ index: Int32, list: Int32) {
        if list == Self.expiredList, expiredTail >= 0 {
            nodes[Int(index)].list = list
            nodes[Int(index)].previous = expiredTail
            nodes[Int(index)].next = -1
            nodes[Int(expiredTail)].next = index
            expiredTail = index
            return
        }
        if list == Self.expiredList { expiredTail = index }
        let head = heads[Int(list)]
        nodes[Int(index)].list = list
        nodes[Int(index)].previous = -1
        nodes[Int(index)].next = head
        if head >= 0 { nodes[Int(head)].previous = index }
        heads[Int(list)] = index
    }

    private mutating func unlink(_ index: Int32) {
        let node = nodes[Int(index)]
        if node.previous >= 0 { nodes[Int(node.previous)].next = node.next } else { heads[Int(node.list)] = node.next }
        if node.next >= 0 { nodes[Int(node.next)].previous = node.previous }
        if node.list == Self.expiredList, node.next < 0 { expiredTail = node.previous }
        if node.list < Self.expiredList, heads[Int(node.list)] < 0 {
            occupied[Int(node.list) / Self.slots] &= ~(1 << UInt64(Int(node.list) % Self.slots))
        }
    }

    private mutating func release(_ index: Int32) {
        nodes[Int(index)].payload = nil
        nodes[Int(index)].generation &+= 1
        nodes[Int(index)].next = free
        free = index
        count -= 1
    }
}
