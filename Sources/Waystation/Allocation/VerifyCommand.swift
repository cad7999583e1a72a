import Allocation
import AllocationFiles
import Crypto
import Runtime

extension Command {
    static let verifyAllocation = Command(
        "verify", operands: "FILE", operandCount: 1...1,
        summary: "Computes the results of an allocation's audit file anew and says what differs (status 1)", options: [language]
    ) { settings in
        let (path, language) = (settings.configuration.operands[0], SpokenLanguage(settings.configuration))
        let text = try await onThread(name: "verify") { () -> Swift.Result<String, CommandError> in
            do throws(CommandError) { return .success(try verified(path, language)) } catch { return .failure(error) }
        }.get().get()
        Terminal.output(text)
    }

    static let explainAllocation = Command(
        "allocate explain", operands: "DIR TICKET", operandCount: 2...2,
        summary: "Says why an applicant has this session or none, and what would have changed it", options: [language]
    ) { settings in
        let (operands, language) = (settings.configuration.operands, SpokenLanguage(settings.configuration))
        let text = try await onThread(name: "explain") { () -> Swift.Result<String, CommandError> in
            do throws(CommandError) { return .success(try explained(operands[0], operands[1], language)) } catch { return .failure(error) }
        }.get().get()
        Terminal.output(text)
    }
}

func hex(_ bytes: [UInt8]) -> String { Hex.encode(bytes) }

private func opened(_ path: String) throws(CommandError) -> SourceFile {
    do { return try SourceFile(path: path) } catch { throw CommandError("cannot read \(error)") }
}

private func verified(_ path: String, _ language: SpokenLanguage) throws(CommandError) -> String {
    let source = try opened(path)
    var bar = ProgressBar(language("核验", "Verifying"), unit: language("字节", "bytes"))
    let verdict: AuditFile.Verdict
    do throws(FileFaults) {
        verdict = try AuditFile.verify(source) { progress in
            let part =
                switch progress {
                case .reading(let part): part * 0.4
                case .sharing: 0.4
                case .comparing(let part): 0.7 + 0.3 * part
                }
            bar.update(fraction: part, count: Int(part * Double(source.bytes.count)))
        }
    } catch {
        bar.finish()
        throw CommandError(language("文件不可信，无法重新计算：\n", "the file cannot be trusted nor computed anew:\n") + error.text(language))
    }
    bar.finish()
    guard verdict.isSound else {
        let count = grouped(verdict.differenceCount)
        throw CommandError(
            language(
                "文件不可信，\(count) 人的结果与重新计算的不一致：\n",
                "the file is not sound; the results of \(count) applicants are not what follows from it:\n")
                + verdict.faults.text(language))
    }
    let beacon = verdict.draw.beacon.isEmpty ? language("无", "none") : hex(verdict.draw.beacon) + " \(verdict.draw.beaconSource)"
    var grid = Grid([.left, .left])
    grid.add([language("承诺", "commitment"), hex(verdict.draw.commitment)])
    grid.add([language("公共随机数", "beacon"), beacon])
    grid.add([language("摘要", "digest"), hex(verdict.digest)])
    return language(
        "文件可信：\(grouped(verdict.applicantCount)) 人的结果与重新计算的逐字节一致，分到 \(grouped(verdict.placedCount)) 人。\n请与事先公布的比对：\n",
        "The file is sound: the results of \(grouped(verdict.applicantCount)) applicants, \(grouped(verdict.placedCount)) of them placed, "
            + "are byte for byte what follows from it.\nCompare with what was published:\n") + grid.lines().joined(separator: "\n") + "\n"
}

private func explained(_ folder: String, _ name: String, _ language: SpokenLanguage) throws(CommandError) -> String {
    guard let ticket = Ticket(name) else {
        throw CommandError(FileFault.Code.form(.ticketInvalid).sentence(language))
    }
    let source = try opened(OutputFolder(folder).path(of: OutputFolder.audit))
    let record: AuditFile.Record
    do throws(FileFaults) { record = try AuditFile.open(source) } catch { throw CommandError(error.text(language)) }
    guard let lines = ExplanationText(record, language).lines(for: ticket) else {
        throw CommandError(language("没有票号 \(name)", "there is no ticket \(name) in \(source.name)"))
    }
    return lines.joined(separator: "\n") + "\n"
}
