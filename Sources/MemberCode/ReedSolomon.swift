/// The error correction of QR codes: Reed-Solomon over GF(256) with the polynomial x⁸+x⁴+x³+x²+1 (ISO/IEC 18004 section 7.5).
struct ReedSolomon {
    /// The generator's coefficients without the leading 1, highest power first.
    private let divisor: [UInt8]

    /// - Parameter count: correction codewords of a block, 1 to 255.
    init(count: Int) {
        var product: [UInt8] = [1]
        for power in 0..<count {
            // Times (x - 2^power); in this field minus is plus.
            var next = product + [0]
            for (position, coefficient) in product.enumerated() { next[position + 1] ^= Self.multiply(coefficient, Self.powers[power]) }
            product = next
        }
        divisor = Array(product.dropFirst())
    }

    /// The correction codewords of one block: the remainder of its data, moved up, by the generator.
    func correction(of data: ArraySlice<UInt8>) -> [UInt8] {
        var remainder = [UInt8](repeating: 0, count: divisor.count)
        for codeword in data {
            let factor = codeword ^ remainder[0]
            remainder.removeFirst()
            remainder.append(0)
            for position in divisor.indices { remainder[position] ^= Self.multiply(divisor[position], factor) }
        }
        return remainder
    }

    /// 2 to the power of the index, twice round, so that a sum of two logarithms needs no remainder.
    private static let powers: [UInt8] = {
        var powers: [UInt8] = [1]
        while powers.count < 512 {
            let last = Int(powers[powers.count - 1])
            powers.append(UInt8(last < 128 ? last << 1 : (last << 1) ^ 0x11D))
        }
        return powers
    }()

    private static let logarithms: [Int] = {
        var logarithms = [Int](repeating: 0, count: 256)
        for exponent in 0..<255 { logarithms[Int(powers[exponent])] = exponent }
        return logarithms
    }()

    private static func multiply(_ left: UInt8, _ right: UInt8) -> UInt8 {
        left == 0 || right == 0 ? 0 : powers[logarithms[Int(left)] + logarithms[Int(right)]]
    }
}
