import Allocation
import AllocationFiles
import FoundationEssentials
import Glibc
import Runtime

/// The same million applicants as files: what reading them and writing the results, the explanations and the audit file takes.
struct AllocationFilesWork {
    let city: AllocationCity
    let runs: Int

    /// - Returns: medians: seconds to read, seconds to write until all is on the disk, bytes read and written.
    func measure() throws -> (reading: Double, writing: Double, bytesRead: Int, bytesWritten: Int) {
        let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/var/tmp"
        let folder = "\(base)/waystation-bench-allocation-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(atPath: folder) } catch { Output.error("could not remove \(folder)\n") } }
        let bytesRead = try writeInput(to: folder)

        var reading: [Double] = []
        var writing: [Double] = []
        var bytesWritten = 0
        for _ in 0..<runs {
            let start = MonotonicTime.current
            let input = try FrozenInput(
                rules: SourceFile(path: folder + "/rules.json"), sessions: SourceFile(path: folder + "/sessions.csv"),
                applicants: SourceFile(path: folder + "/applicants.csv"))
            reading.append((MonotonicTime.current - start).secondsValue)
            let allocation = input.allocation()
            let shared = MonotonicTime.current
            bytesWritten = try OutputFolder(folder + "/out").write(input, allocation).byteCount
            writing.append((MonotonicTime.current - shared).secondsValue)
        }
        return (median(reading), median(writing), bytesRead, bytesWritten)
    }

    private func writeInput(to folder: String) throws -> Int {
        let floors = city.program.floors.map {
            #"{"group":"\#(city.program.groups[$0.group])","size":\#($0.size),"kind":"\#($0.kind.rawValue)"}"#
        }
        let rules = #"""
            {"program":"\#(city.program.name)","quota":\#(city.program.quota),"groups":\#(city.program.groups),
            "floors":[\#(floors.joined(separator: ","))],"lottery":{"secret":"\#(String(repeating: "07", count: 32))","beacon":"01"}}
            """#
        var sessions = "session,capacity\n"
        for session in city.sessions { sessions += "\(session.name),\(session.capacity)\n" }
        var applicants = Array("ticket,class,points,groups,organization,wishes\n".utf8)
        let sessionNames = city.sessions.map { Array($0.name.utf8) }
        for row in 0..<city.applicants.count {
            let groups = city.program.groups.indices.filter { city.applicants.groups[row] >> UInt8($0) & 1 != 0 }
            applicants += Ticket(rawValue: city.applicants.tickets[row]).bytes
            let names = groups.map { city.program.groups[$0] }.joined(separator: "|")
            let (priority, points) = (city.applicants.classes[row], city.applicants.points[row])
            applicants += Array(",\(priority),\(points),\(names),\(city.applicants.organizations[row]),".utf8)
            for (index, wish) in city.applicants.wishes(of: row).enumerated() {
                if index > 0 { applicants.append(0x7C) }
                applicants += sessionNames[Int(wish)]
            }
            applicants.append(0x0A)
        }
        for (name, bytes) in [("rules.json", Array(rules.utf8)), ("sessions.csv", Array(sessions.utf8)), ("applicants.csv", applicants)] {
            try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
        }
        return rules.utf8.count + sessions.utf8.count + applicants.count
    }
}
