import Browser
import HTTP
import Insurance
import Postgres
import Registry
import Runtime
import Scheduler
import Testing

/// A batch of insurance from its draft to a claim, by what organizers and a worker press.
struct InsurancePageTests {
    private func draft(_ scene: PageScene) async throws -> Int64 {
        let insurer = try await scene.make(
            "/v1/insurers", #"{"organizationId":\#(scene.city.city),"name":"太平洋财险","hotline":"95500"}"#)
        let product = try await scene.make(
            "/v1/insurance-products",
            """
            {"insurerId":\(insurer),"name":"意外伤害保险","family":"accident","sumInsuredFen":10000000,"ageMin":16,"ageMax":65,
            "claimAdvice":"出险后请拨打热线","acceptDays":30}
            """)
        return try await scene.make(
            "/v1/insurance-batches",
            """
            {"organizationId":\(scene.city.city),"productId":\(product),"title":"第四批","donor":"省总工会","size":1,"premiumFen":5000,
            "coverFrom":"\(PageScene.day(0))","coverTo":"\(PageScene.day(364))","rules":{"eligibility":[]}}
            """)
    }

    @Test func `a batch is announced, run and reviewed by another, and its policy accepted and claimed under`() async throws {
        try await withPages { scene in
            let member = try await scene.member(nationalID: "110101199003072770")
            let second = try await scene.service.registry.accounts.createOwner(name: "second")
            let batch = try await draft(scene)
            try await withBrowsers([.desk(.chinese), .phone(.chinese)]) { browsers in
                let (desk, phone) = (browsers[0], browsers[1])
                try await scene.admit(desk, .desk, scene.service.owner)
                try await scene.open(desk, .desk, "/insurance/\(batch)")
                try await desk.press("公布规则")
                try await desk.agree()
                try await desk.press("开始分配")
                try await scene.work()
                try await desk.waitUntil(text: "待审核", in: "main .tag")
                try await scene.admit(desk, .desk, second)
                try await scene.open(desk, .desk, "/insurance/\(batch)")
                try await scene.inspect(desk, "desk-batch-review-desk-zh")
                try await desk.press("提交审核")
                try await desk.waitUntil(text: "已确认", in: "main .tag")
                try await desk.waitUntil(visible: ".chart .sum")
                let policy: Int64 = try await scene.value("select policy_id from policy where member_id = \(member.id)")
                try await issue(scene, ID(policy), ID(batch))
                try await accept(scene, phone, member, policy)
            }
        }
    }

    /// As the insurer's answer does.
    private func issue(_ scene: PageScene, _ policy: ID<Policy>, _ batch: ID<InsuranceBatch>) async throws {
        for move in [PolicyMove(policy, to: .sent), PolicyMove(policy, to: .issued, number: "P-0001")] {
            let moved = try await scene.service.database.inTransaction { transaction in
                try await scene.service.insurance.policies.move([move], of: batch, acceptDays: 30, by: "test", in: transaction)
            }
            #expect(moved.map(\.verdict) == [.moved])
        }
    }

    private func accept(
        _ scene: PageScene, _ phone: BrowserSession, _ member: (id: Int64, token: String), _ policy: Int64
    ) async throws {
        try await scene.admit(phone, .worker, member.token)
        try await scene.open(phone, .worker, "/policies/\(policy)")
        try await scene.inspect(phone, "worker-policy-offered-phone-zh")
        try await phone.press("接受这份保险")
        try await phone.press(css: "dialog[open] form button.primary")
        try await phone.waitUntil(gone: "dialog[open]")
        let accepted: String = try await scene.value("select state from policy where policy_id = \(policy)")
        #expect(accepted == "accepted")
        // Its first day begins.
        for job in scene.service.insurance.jobs { while try await job.run() == .more {} }
        try await scene.open(phone, .worker, "/policies/\(policy)")
        try await phone.press("我要报案")
        try await phone.waitUntil(visible: "dialog[open] [name=happenedOn]")
        try await phone.run(
            "const field = document.querySelector('[name=happenedOn]'); field.value = arguments[0];", [.string(PageScene.day(0))])
        try await phone.press(css: "dialog[open] form button.primary")
        try await phone.waitUntil(visible: "dialog[open] a.button[href='tel:95500']")
        try await scene.inspect(phone, "worker-policy-claimed-phone-zh")
        #expect(try await scene.value("select count(*) from policy_claim", as: Int64.self) == 1)
    }
}
