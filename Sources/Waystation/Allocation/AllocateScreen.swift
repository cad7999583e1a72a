import Allocation
import AllocationFiles
import Crypto

/// What `waystation allocate` shows: tables with bars that fit the terminal.
struct AllocateScreen {
    let language: SpokenLanguage
    /// Columns of the terminal.
    let width: Int

    func summary(_ summary: Summary, _ program: Program) -> String {
        let head = language(
            "\(program.name)：\(grouped(summary.applicants)) 人申请，\(grouped(summary.sessions)) 个场次，\(grouped(summary.quota)) 个名额",
            "\(program.name): \(grouped(summary.applicants)) applicants, \(grouped(summary.sessions)) sessions, "
                + "\(grouped(summary.quota)) places"
        )
        var lines = [head, ""]
        lines += barred(
            [language("类别", "Class"), language("申请", "applicants"), language("分到", "placed"), language("比例", "share")],
            summary.classes.map {
                ([title($0), grouped($0.applicants), grouped($0.placed), percent($0.placed, of: $0.applicants)], $0.placed, $0.applicants)
            })
        if !summary.floors.isEmpty {
            let isLocal = program.mode == .local
            lines += [""]
            lines += barred(
                [
                    language("保底", "Floor"), "", language("承诺", "promised"), language("兑现", "filled"),
                    language("成员分到", "members placed"), language("成员", "members"),
                ],
                summary.floors.map {
                    (
                        [
                            $0.group, isLocal ? "" : kind($0.kind), grouped($0.size), grouped($0.filled), grouped($0.placedMembers),
                            grouped($0.members),
                        ], $0.filled, $0.size
                    )
                })
        }
        lines += [""]
        lines += barred(
            [language("志愿", "Wish"), language("分到", "placed"), language("比例", "share")],
            summary.wishes.enumerated().map { index, count in
                ([wish(index + 1), grouped(count), percent(count, of: summary.placed)], count, summary.placed)
            })
        lines += ["", "  " + totals(summary)]
        return lines.joined(separator: "\n") + "\n"
    }

    private func totals(_ summary: Summary) -> String {
        let excluded =
            summary.excluded > 0 ? language("，\(grouped(summary.excluded)) 人不能参加", ", \(grouped(summary.excluded)) excluded") : ""
        return language(
            "分到 \(grouped(summary.placed)) 人，候补 \(grouped(summary.waiting)) 人\(excluded)；\(grouped(summary.filledSessions)) 个场次满员",
            "\(grouped(summary.placed)) placed, \(grouped(summary.waiting)) waiting\(excluded); "
                + "\(grouped(summary.filledSessions)) of \(grouped(summary.sessions)) sessions full"
        )
    }

    func title(_ figures: Summary.ClassFigures) -> String {
        figures.name.isEmpty ? language("第 \(figures.number) 类", "class \(figures.number)") : "\(figures.number) \(figures.name)"
    }

    private func kind(_ kind: Floor.Kind) -> String {
        switch kind {
        case .strict: language("硬保底", "strict")
        case .fair: language("软保底", "fair")
        }
    }

    private func wish(_ number: Int) -> String {
        let ordinals = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"]
        return language("第 \(number) 志愿", number <= ordinals.count ? ordinals[number - 1] : "\(number)")
    }

    /// A table whose rows end in a bar; the bars take what width is left.
    private func barred(_ head: [String], _ rows: [(cells: [String], part: Int, whole: Int)]) -> [String] {
        var grid = Grid(head.indices.map { $0 == 0 || head[$0].isEmpty ? .left : .right } + [.left])
        grid.add(head)
        for row in rows { grid.add(row.cells) }
        let widest = grid.lines().map { displayWidth($0) }.max() ?? 0
        let bar = min(max(width - widest - 3, 8), 40)
        var whole = Grid(head.indices.map { $0 == 0 || head[$0].isEmpty ? .left : .right } + [.left])
        whole.add(head)
        for row in rows { whole.add(row.cells + [partBar(row.whole > 0 ? Double(row.part) / Double(row.whole) : 0, width: bar)]) }
        return whole.lines()
    }

    /// What can be known of how honest the draw was, and what was written.
    func record(_ draw: Draw, audit: (path: String, digest: [UInt8])? = nil) -> String {
        var grid = Grid([.left, .left])
        switch draw.origin {
        case .committed: grid.add([language("抽签", "Draw"), language("秘密值与公布的承诺一致", "the secret is the one committed to")])
        case .given:
            grid.add([language("抽签", "Draw"), language("规则里没有承诺，事先公布的应为", "the rules name no commitment; this must have been published")])
        case .drawn:
            grid.add([
                language("抽签", "Draw"), language("秘密值是刚刚随机产生的，事先无人承诺，", "the secret was drawn just now: nobody had committed to it,"),
            ])
            grid.add(["", language("外人无法确认没有重抽", "so nobody can know that it was not drawn again")])
        }
        if draw.origin != .drawn { grid.add(["", Hex.encode(draw.commitment)]) }
        if draw.beacon.isEmpty {
            grid.add(["", language("没有公共随机数：知道秘密值的人能预知结果", "no public number (beacon): who knew the secret knew the result")])
        } else {
            grid.add([language("公共随机数", "Beacon"), draw.beaconSource.isEmpty ? Hex.encode(draw.beacon) : draw.beaconSource])
        }
        if let audit {
            grid.add([language("审计文件", "Audit file"), audit.path])
            grid.add([language("摘要", "Digest"), Hex.encode(audit.digest)])
        }
        return grid.lines().map { $0 + "\n" }.joined()
    }

    /// What stands behind floors that stayed short.
    func certificate(_ certificate: ShortfallCertificate, _ input: FrozenInput) -> String {
        let promised = certificate.floors.reduce(0) { $0 + $1.size }
        var lines = [
            language(
                "缺额证明：保底共 \(grouped(promised)) 个，兑现 \(grouped(certificate.achieved)) 个；",
                "Certificate: of \(grouped(promised)) reserved places \(grouped(certificate.achieved)) are filled;"),
            language(
                "任何分法最多能兑现 \(grouped(certificate.possible)) 个（最大流）",
                "no sharing out could fill more than \(grouped(certificate.possible)) (max-flow)"),
        ]
        var grid = Grid([.left, .right, .right, .right, .left])
        grid.add([
            "", language("承诺", "promised"), language("兑现", "filled"), language("单独最多", "alone at most"),
            certificate.floors.contains { $0.filled < $0.size } ? language("落空成员的志愿", "unplaced members wished") : "",
        ])
        for floor in certificate.floors {
            let group = input.program.groups[input.program.floors[floor.listed].group]
            let wished = floor.unplacedWishes.enumerated().filter { $0.element > 0 }
                .sorted { $0.element != $1.element ? $0.element > $1.element : $0.offset < $1.offset }
            let named = wished.prefix(3).map { "\(input.sessions[$0.offset].name) \(grouped($0.element))" }.joined(separator: ", ")
            let isShort = floor.filled < floor.size
            grid.add([
                group, grouped(floor.size), grouped(floor.filled), grouped(floor.possible),
                isShort ? named + (wished.count > 3 ? ", …" : "") : "",
            ])
        }
        lines += grid.lines(indent: 2)
        return lines.map { "  " + $0 + "\n" }.joined()
    }
}
