package import Allocation
import Crypto
import Runtime

/// The audit file: read again, computed again, compared byte for byte. Its layout is described in the article AuditFile.
package enum AuditFile {
    /// What a verification found.
    package struct Verdict: Sendable {
        package let applicantCount: Int
        package let sessionCount: Int
        package let placedCount: Int
        package let draw: Draw
        /// SHA-256 of everything before the last line, computed.
        package let digest: [UInt8]
        /// Lines that are not what they must be; none: the file is sound.
        package let faults: FileFaults
        /// How many applicants' results differ from those computed.
        package let differenceCount: Int

        package var isSound: Bool { faults.isEmpty }
    }

    /// Where a verification is: the part of the file read, then the part compared, 0 to 1.
    package enum Progress: Sendable {
        case reading(Double)
        case sharing
        case comparing(Double)
    }

    /// What the file's results follow from, and the results computed anew.
    package struct Record: Sendable {
        package let input: FrozenInput
        package let allocation: Allocation
    }

    /// Computes the file's results anew and writes the whole file anew: it must be the same. Throws what makes that impossible.
    package static func verify(_ source: SourceFile, progress: (Progress) -> Void = { _ in }) throws(FileFaults) -> Verdict {
        let sections = try AuditSections(source)
        let read = try AuditInput(source, sections) { part, _ in progress(.reading(part)) }
        progress(.sharing)
        let input = read.input
        let allocation = input.allocation()
        var faults = FileFaults()
        if let fault = read.commitmentFault { faults.add(fault) }
        let digest = SHA256.hash(source.bytes.span.extracting(first: sections.end.start).bytes)
        let rows = ResultRows(input, allocation)
        let comparison = AuditComparison(source, sections, input, skipping: read.commitmentFault?.line)
        do throws(SystemError) {
            var writer = RowWriter { (bytes, count) throws(SystemError) in comparison.take(bytes, count) }
            _ = try AuditRows(input, results: rows).write(into: &writer) { progress(.comparing($0)) }
        } catch {
            // Nothing is written: the comparison takes everything.
            preconditionFailure("a comparison does not fail: \(error)")
        }
        faults.add(comparison.faults)
        if Hex.encode(digest) != sections.end.digest {
            faults.add(FileFault(.auditDigestDiffers, file: source.name, line: sections.end.line, field: "end", detail: Hex.encode(digest)))
        }
        do throws(ReplayCertificate.Fault) {
            try ReplayCertificate.check(allocation, allocation.outcome)
        } catch {
            faults.add(FileFault(.auditReplayFails, file: source.name, line: sections.results.line, field: "results", detail: "\(error)"))
        }
        progress(.comparing(1))
        return Verdict(
            applicantCount: input.applicants.count, sessionCount: input.sessions.count, placedCount: allocation.outcome.placed,
            draw: input.draw, digest: digest, faults: faults, differenceCount: comparison.differenceCount)
    }

    /// The sharing out of a file, computed anew, without regard to the results that it holds. A file that was changed is refused.
    package static func open(_ source: SourceFile) throws(FileFaults) -> Record {
        let sections = try AuditSections(source)
        let digest = Hex.encode(SHA256.hash(source.bytes.span.extracting(first: sections.end.start).bytes))
        if digest != sections.end.digest {
            throw FileFaults(FileFault(.auditDigestDiffers, file: source.name, line: sections.end.line, field: "end", detail: digest))
        }
        let read = try AuditInput(source, sections) { _, _ in }
        if let fault = read.commitmentFault { throw FileFaults(fault) }
        return Record(input: read.input, allocation: read.input.allocation())
    }
}

/// Compares the bytes of a file with those that it must have, which come in whole lines.
private final class AuditComparison {
    private(set) var faults = FileFaults()
    private(set) var differenceCount = 0

    private let source: SourceFile
    private let sections: AuditSections
    private let skipped: Int?
    private var offset = 0
    /// Lines before `counted`.
    private var line = 0
    private var counted = 0

    /// - Parameter skipping: a line whose fault is told already.
    init(_ source: SourceFile, _ sections: AuditSections, _ input: FrozenInput, skipping: Int?) {
        self.source = source
        self.sections = sections
        skipped = skipping
    }

    /// - Parameter count: the first so many bytes are meant.
    func take(_ expected: [UInt8], _ count: Int) {
        if isEqual(expected, 0, count, to: source.bytes, offset) {
            offset += count
            return
        }
        var start = 0
        while start < count {
            var end = start
            while expected[end] != UInt8(ascii: "\n") { end += 1 }
            end += 1
            if isEqual(expected, start, end, to: source.bytes, offset) { offset += end - start } else { differ(expected[start..<end]) }
            start = end
        }
    }

    /// Passes over the file's line and says how it differs. The last line is no matter of this comparison: its digest is that of the file.
    private func differ(_ expected: ArraySlice<UInt8>) {
        let start = offset
        while offset < source.bytes.count, source.bytes[offset] != UInt8(ascii: "\n") { offset += 1 }
        let given = source.bytes[start..<offset]
        offset = min(offset + 1, source.bytes.count)
        if start >= sections.end.start || expected.starts(with: Array("end ".utf8)) { return }
        for index in counted..<start where source.bytes[index] == UInt8(ascii: "\n") { line += 1 }
        counted = start
        let number = line + 1
        if number == skipped { return }
        if sections.results.range.contains(start), number > sections.results.line + 1 {
            differenceCount += 1
            faults.add { result(given, expected.dropLast(), number) }
        } else {
            let file = source.name
            faults.add {
                FileFault(.auditNotCanonical, file: file, line: number, field: section(number), detail: shown(expected.dropLast()))
            }
        }
    }

    private func section(_ line: Int) -> String {
        let all = [
            ("rules", sections.rules), ("sessions", sections.sessions), ("applicants", sections.applicants), ("draw", sections.draw),
            ("results", sections.results),
        ]
        return all.last { $0.1.line <= line }?.0 ?? ""
    }

    /// The first column that differs: what stands there ≠ what is right.
    private func result(_ given: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, _ line: Int) -> FileFault {
        let (given, right) = (Self.fields(given), Self.fields(right))
        let columns = ResultRows.header.split(separator: ",").map(String.init)
        let column = columns.indices.first { $0 >= given.count || given[$0] != right[$0] } ?? columns.count - 1
        let stands = column < given.count ? shown(given[column]) : ""
        return FileFault(
            .auditResultDiffers, file: source.name, line: line, field: columns[column],
            detail: "\(shown(right[0])): \(stands.isEmpty ? "–" : stands) ≠ \(right[column].isEmpty ? "–" : shown(right[column]))")
    }

    private static func fields(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    }

    private func isEqual(_ left: [UInt8], _ start: Int, _ end: Int, to right: [UInt8], _ other: Int) -> Bool {
        guard other + end - start <= right.count else { return false }
        let (left, right) = (left.span, right.span)
        for index in 0..<end - start where left[start + index] != right[other + index] { return false }
        return true
    }
}
