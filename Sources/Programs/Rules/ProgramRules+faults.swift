import Allocation
package import HTTP

extension ProgramRules {
    /// What is wrong between the rules' parts, and between them and what there is to share.
    /// - Parameters:
    ///   - quota: places in all; nil: not known yet.
    ///   - seats: those of all sessions together; nil: not known yet.
    ///   - pointer: where the rules stand in the body.
    package func faults(quota: Int? = nil, seats: Int? = nil, at pointer: String = "/rules") -> [Violation] {
        names(classes, "\(pointer)/classes") + names(groups, "\(pointer)/groups") + scoreFaults("\(pointer)/points")
            + floorFaults(quota, "\(pointer)/floors") + modeFaults(quota, seats, pointer)
    }

    /// Names stand in audit files as they are, so they hold nothing that separates fields there.
    private func names(_ parts: [Part], _ pointer: String) -> [Violation] {
        var faults: [Violation] = []
        var known: Set<[UInt8]> = []
        for (index, part) in parts.enumerated() {
            let place = "\(pointer)/\(index)/name"
            if !ProgramSession.isPlain(part.name) || part.name.unicodeScalars.count > Self.nameLengthMax {
                faults.append(
                    Violation(
                        "program.name_invalid", pointer: place, zh: "名称为 1-\(Self.nameLengthMax) 个字符，不能含有控制字符或 , | = \"",
                        en: "A name has 1-\(Self.nameLengthMax) characters, no control characters and none of , | = \""))
            }
            if !known.insert(Array(part.name.utf8)).inserted {
                faults.append(Violation("program.name_twice", pointer: place, zh: "名称重复", en: "This name is given twice"))
            }
        }
        return faults
    }

    private func scoreFaults(_ pointer: String) -> [Violation] {
        points.enumerated().filter { !(1...1_000_000).contains($1.points) }.map { index, _ in
            Violation(
                "program.points_invalid", pointer: "\(pointer)/\(index)/points", zh: "积分应在 1 与 1000000 之间",
                en: "Points lie between 1 and 1,000,000")
        }
    }

    private func floorFaults(_ quota: Int?, _ pointer: String) -> [Violation] {
        var faults: [Violation] = []
        var known: Set<String> = []
        var promised = 0
        for (index, floor) in floors.enumerated() {
            if !groups.contains(where: { $0.name == floor.group }) {
                faults.append(
                    Violation(
                        "program.floor_group_unknown", pointer: "\(pointer)/\(index)/group", zh: "没有这个群体", en: "There is no such group"))
            }
            if !known.insert(floor.group).inserted {
                faults.append(
                    Violation(
                        "program.floor_twice", pointer: "\(pointer)/\(index)/group", zh: "此群体已有保底", en: "This group has a floor already"))
            }
            if !(1...1_000_000_000).contains(floor.size) {
                faults.append(
                    Violation(
                        "program.floor_size_invalid", pointer: "\(pointer)/\(index)/size", zh: "保底名额至少为 1",
                        en: "A floor promises one place at least"))
            } else {
                promised += floor.size
            }
        }
        if let quota, promised > quota {
            faults.append(
                Violation(
                    "program.floors_above_quota", pointer: pointer, zh: "保底共 \(promised) 个，多于名额 \(quota)",
                    en: "The floors promise \(promised) places of \(quota)"))
        }
        return faults
    }

    private func modeFaults(_ quota: Int?, _ seats: Int?, _ pointer: String) -> [Violation] {
        var faults: [Violation] = []
        if let organizationCap, !(1...1_000_000_000).contains(organizationCap) {
            faults.append(
                Violation(
                    "program.cap_invalid", pointer: "\(pointer)/organizationCap", zh: "每个单位的上限至少为 1", en: "A cap allows one place at least")
            )
        }
        guard mode == Program.Mode.local.rawValue else { return faults }
        if organizationCap != nil {
            faults.append(
                Violation(
                    "program.caps_need_order", pointer: "\(pointer)/organizationCap", zh: "按场次优先时不能有单位上限",
                    en: "In mode local organizations have no caps"))
        }
        if let quota, let seats, quota < seats {
            faults.append(
                Violation(
                    "program.quota_below_seats", pointer: "\(pointer)/mode", zh: "按场次优先时，总名额 \(quota) 不能少于各场次之和 \(seats)",
                    en: "In mode local the quota, \(quota), is not less than all sessions together, \(seats)"))
        }
        return faults
    }
}
