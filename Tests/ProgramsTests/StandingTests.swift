import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Programs
@testable import Registry

/// What each person is told, before the result and after, in two languages.
@Suite struct StandingTests {
    private func standing(
        _ scene: ProgramScene, _ program: ID<UnionProgram>, _ token: String, hours: Double, _ language: String = "zh"
    ) async throws -> StandingAnswer {
        let answer = await scene.at(hours: hours).send(
            .get, "/v1/me/programs/\(program)", bearer: token, headers: [("Accept-Language", language)])
        #expect(answer.status == 200, "\(answer.text)")
        return try answer.json(StandingAnswer.self)
    }

    /// On the program's clock, as the sentences have it.
    private func local(_ scene: ProgramScene, _ column: String) async throws -> String {
        try await scene.value(
            """
            select to_char(\(raw: column) at time zone 'Asia/Shanghai', 'YYYY-MM-DD ')
                || (array['周一', '周二', '周三', '周四', '周五', '周六', '周日'])[extract(isodow from \(raw: column) at time zone 'Asia/Shanghai')]
                || to_char(\(raw: column) at time zone 'Asia/Shanghai', ' HH24:MI')
            from program limit 1
            """)
    }

    @Test func `before the result each is told how many applied and when it comes, or why they may not apply`() async throws {
        try await withPrograms { scene in
            let rules = ProgramRules(eligibility: [.organization([scene.east]), .sex([.female])])
            let program = try await scene.draft(rules: rules, sessions: ApplicationTests.sessions) { facts in
                facts.resultsAt = facts.closesAt
            }
            #expect(await scene.at(hours: 0).send(.post, "/v1/programs/\(program)/announce").status == 200)
            let members = try await scene.members(3)
            let stranger = try await scene.token(of: try await scene.members(1, in: scene.west, sex: "male")[0])
            let token = try await scene.token(of: members[0])
            let opens = try await local(scene, "opens_at")
            let early = try await standing(scene, program, token, hours: 0)
            #expect(early.lines == ["\(opens) 开始报名。", "您可以报名。"] && !early.isOpen && !early.mayApply)
            let store = scene.at(hours: 2).programs.applications
            _ = try await store.apply(
                batch: members.map { ApplyRequest(memberID: $0, programID: program, wishes: [2, 1], subject: "member:\($0)") },
                in: scene.database)
            let (closes, results) = (try await local(scene, "closes_at"), try await local(scene, "results_at"))
            let told = try await standing(scene, program, token, hours: 2)
            #expect(
                told.lines == ["您已报名，共 3 人报名，结果预计 \(results) 公布。", "志愿：1. 场 2；2. 场 1", "\(closes) 前可以修改或撤回。"])
            #expect(told.applicants == 3 && told.application?.wishes == [2, 1])
            let english = try await standing(scene, program, token, hours: 2, "en")
            #expect(english.lines.first?.hasPrefix("You have applied, as one of 3; the result is expected on ") == true)
            let refused = try await standing(scene, program, stranger, hours: 2)
            #expect(
                refused.lines == [
                    "正在报名，\(closes) 截止。", "您不能报名：", "  不符合条件：属于东区或其下级组织", "  不符合条件：性别为女",
                ])
            #expect(!refused.mayApply && refused.isOpen)
            let late = try await standing(scene, program, stranger, hours: 4)
            #expect(late.lines == ["报名已截止，共 3 人报名，结果预计 \(results) 公布。"])
        }
    }

    @Test func `members are listed the programs that they may apply for, and their own`() async throws {
        try await withPrograms { scene in
            let east = try await scene.announced(rules: ProgramRules(eligibility: [.organization([scene.east])]))
            let west = try await scene.announced(rules: ProgramRules(eligibility: [.organization([scene.west])]))
            let draft = try await scene.draft()
            let member = try await scene.members(1)[0]
            let token = try await scene.token(of: member)
            func listed(_ query: String = "", hours: Double = 2) async throws -> MyProgramList {
                try await scene.at(hours: hours).send(.get, "/v1/me/programs" + query, bearer: token).json(MyProgramList.self)
            }
            let first = try await listed()
            #expect(first.items.map(\.id) == [east] && first.items[0].mayApply && first.items[0].application == nil)
            #expect(try await listed(hours: 0).items.first?.mayApply == false)
            // What somebody entered stays theirs, whatever the rules say of them now.
            try await scene.apply(member, to: west)
            let both = try await listed()
            #expect(both.items.map(\.id) == [east, west] && both.items.map(\.mayApply) == [true, false])
            let page = try await listed("?limit=1")
            #expect(page.items.map(\.id) == [east])
            let rest = try await listed("?limit=1&after=\(try #require(page.next))")
            #expect(rest.items.map(\.id) == [west] && rest.next == nil)
            #expect(await scene.at(hours: 2).send(.get, "/v1/me/programs/\(draft)", bearer: token).problemCode == "program.not_found")
        }
    }

    /// A run of five: the first placed by the class, then two on the waitlist, one excluded, and one who has withdrawn.
    private func published(_ scene: ProgramScene, _ members: [ID<Member>]) async throws -> ID<UnionProgram> {
        let rules = ProgramRules(
            classes: [.init(name: "一线", conditions: [])], groups: [.init(name: "骑手", conditions: [])],
            floors: [.init(group: "骑手", size: 1)])
        let program = try await scene.draft(quota: 2, rules: rules, sessions: Array(ApplicationTests.sessions.prefix(3)), offerHours: 48) {
            $0.appeal = "拨打 12351"
        }
        #expect(await scene.at(hours: 0).send(.post, "/v1/programs/\(program)/announce").status == 200)
        for member in members.prefix(5) {
            try await scene.apply(member, to: program, wishes: [2, 1], groups: member == members[0] ? 1 : 0)
        }
        _ = try await scene.database.query("update program_application set state = 'withdrawn' where member_id = \(members[4])")
        _ = try await scene.database.query(
            """
            update program set state = 'published', inputs_hash = '', closed_at = now(), published_at = now()
            where program_id = \(program)
            """)
        _ = try await scene.database.query(
            """
            insert into program_run (
                program_id, number, state, made_by, made_at, applicants, excluded, placed, waiting, figures, inputs_hash, microseconds,
                reviewed_by, reviewed_at, published_by, published_at)
            values (\(program), 1, 'published', 'a', now(), 4, 1, 1, 2, '{}', '', 1, 'b', now(), 'a', now())
            """)
        _ = try await scene.database.query(
            """
            insert into program_run_session (program_id, run_number, number, capacity, taken, closing)
            values (\(program), 1, 1, 1, 1, 1), (\(program), 1, 2, 1, 1, 2)
            """)
        let results: [(Int, Int32?, Int32?, Int16?, Int32?, Int32?, String?)] = [
            (0, 1, 1, 1, 1, nil, nil), (1, 2, 3, 11, nil, 1, nil), (2, 3, nil, 0, nil, 2, nil),
            (3, nil, nil, nil, nil, nil, "holds_benefit"),
        ]
        for (index, place, position, phase, number, waiting, exclusion) in results {
            _ = try await scene.database.query(
                """
                insert into program_result (program_id, run_number, ticket, member_id, place, "position", phase, number, waiting, exclusion)
                select \(program), 1, ticket, member_id, \(place), \(position), \(phase), \(number), \(waiting), \(exclusion)
                from program_application where member_id = \(members[index])
                """)
        }
        return program
    }

    @Test func `afterwards each is told what it is, why, what would have changed it and how to appeal`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(6)
            let program = try await published(scene, members)
            var tokens: [String] = []
            for member in members { tokens.append(try await scene.token(of: member)) }
            _ = try await scene.database.query(
                """
                insert into program_award (member_id, program_id, number, state, source, run_number, offered_until, changed_at)
                values (\(members[0]), \(program), 1, 'offered', 'run', 1, '2026-11-27 10:00Z', now())
                """)
            let appeal = "如有异议：拨打 12351"
            let placed = try await standing(scene, program, tokens[0], hours: 5)
            #expect(
                placed.lines == [
                    "您分到了“场 1”，请在 2026-11-27 周五 18:00 前确认，逾期视为放弃。", "统一排序第 1 位，共 3 人：第 1 类（一线），积分 0，再按抽签号。",
                    "第 1 个叫到：属于“骑手”，其保底先叫。", "为什么不是更想要的场次：", "  1. 场 2：已满。最后一个座位给了第 2 个叫到的人，您是第 1 个。",
                    "什么会改变结果（其余一切不变）：", "  在第 2 个之前叫到，就会分到“场 2”。", appeal,
                ])
            #expect(placed.place?.state == .offered && placed.place?.title == "场 1" && placed.waiting == nil)
            #expect(placed.offeredUntil == "2026-11-27T10:00:00.000000Z")
            let waiting = try await standing(scene, program, tokens[2], hours: 5, "en")
            #expect(
                waiting.lines == [
                    "No place this time: 2nd of 2 on the waitlist. Freed places go down it in order.",
                    "Place 3 of 3 in the common order: class 1 (一线), 0 points, then the draw.", "Not called: all places were gone before.",
                    "Why not a session liked better:", "  1. 场 2: all places were gone before the call.",
                    "  2. 场 1: all places were gone before the call.", "What would have changed it, all else as it is:",
                    "  A call before number 2 would have brought 场 2.", "  A call before number 1 would have brought 场 1.",
                    "To appeal: 拨打 12351",
                ])
            #expect(try await standing(scene, program, tokens[1], hours: 5).waiting?.place == 1)
            // The one before gets a place: the other moves up.
            _ = try await scene.database.query(
                """
                insert into program_award (member_id, program_id, number, state, source, run_number, changed_at, waiting_place)
                values (\(members[1]), \(program), 2, 'confirmed', 'tick', 1, now(), 1)
                """)
            let moved = try await standing(scene, program, tokens[2], hours: 5)
            #expect(moved.lines.first == "这次没有分到，候补第 1 位，共 1 人。有名额空出时按顺序递补。")
            let confirmed = try await standing(scene, program, tokens[1], hours: 5)
            #expect(confirmed.lines.first == "您的名额已确认：“场 2”。" && confirmed.offeredUntil == nil)
            #expect(try await standing(scene, program, tokens[3], hours: 5).lines == ["您没有参加分配：本期已享受同类福利。", appeal])
            for token in tokens[4...] {
                #expect(try await standing(scene, program, token, hours: 5).lines == ["您没有报名此项目，结果已经公布。"])
            }
        }
    }

    @Test func `a program that was cancelled says why`() async throws {
        try await withPrograms { scene in
            let program = try await scene.announced()
            let token = try await scene.token(of: try await scene.members(1)[0])
            #expect(await scene.at(hours: 0).send(.post, "/v1/programs/\(program)/cancel", #"{"reason":"疫情"}"#).status == 200)
            #expect(try await standing(scene, program, token, hours: 0).lines == ["项目已取消：疫情"])
        }
    }

    @Test func `numbers have their English endings`() {
        let all = [1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 38, 101, 111, 112, 113, 121].map(StandingText.ordinal)
        #expect(
            all == [
                "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd", "38th", "101st", "111th", "112th", "113th",
                "121st",
            ])
    }
}
