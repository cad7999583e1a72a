import HTTP
import Postgres
import Registry
import Runtime

/// Previews of rules: how many members are meant, before anything is announced.
struct PreviewRoutes: Sendable {
    let programs: ProgramStore
    let previews: PreviewStore
    let organizations: OrganizationStore

    var all: [Route] { [ofRules, ofProgram] }

    private static let problems = [RulesProblem.invalid, RegistryProblem.databaseUnavailable]

    private var ofRules: Route {
        Route(
            .post, "/v1/programs/preview", summary: "Counts the members whom rules mean, within the caller's organizations",
            tag: "Programs",
            access: .permission(RegistryPermission.programsRead), body: .json(PreviewBody.self, limitBytes: 262_144),
            responses: [.json(200, PreviewAnswer.self, "The counts")], problems: Self.problems
        ) { request in
            let body = try request.json(PreviewBody.self)
            try await check(body.rules, quota: body.quota, request)
            return try await answer(body.rules, request)
        }
    }

    private var ofProgram: Route {
        Route(
            .get, "/v1/programs/{id}/preview", summary: "Counts the members whom a program's rules mean", tag: "Programs",
            access: .permission(RegistryPermission.programsRead), parameters: [.path("id", .id, "The program")],
            responses: [.json(200, PreviewAnswer.self, "The counts")],
            problems: [ProgramProblem.notFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: RegistryPermission.programsRead)
            guard let program = try await programs.find(request.parameter("id"), scope: scope) else {
                throw Problem(ProgramProblem.notFound)
            }
            return try await answer(program.facts.rules, request)
        }
    }

    private func check(_ rules: ProgramRules, quota: Int?, _ request: Request) async throws {
        var faults = rules.faults(quota: quota)
        for id in try await previews.unknownOrganizations(rules.looksAt.organizations) {
            faults.append(
                Violation("program.organization_unknown", pointer: "/rules", zh: "没有组织 \(id)", en: "There is no organization \(id)"))
        }
        if !faults.isEmpty { throw Problem(RulesProblem.invalid, violations: faults) }
    }

    private func answer(_ rules: ProgramRules, _ request: Request) async throws -> Response {
        let preview = try await previews.preview(rules, within: request.scope(of: RegistryPermission.programsRead))
        var names: [ID<Organization>: String] = [:]
        for id in rules.looksAt.organizations { names[id] = try await organizations.organization(id)?.name }
        return .json(PreviewAnswer(preview, rules, names, request.language))
    }
}

/// Rules to be tried.
struct PreviewBody: Codable, Sendable, APIType {
    let rules: ProgramRules
    let quota: Int?

    static let schema = Schema.object(
        "PreviewBody", "Rules to be tried",
        [.required("rules", ProgramRules.schema), .optional("quota", .integer(1...1_000_000_000), "Floors are held against it")])
}

/// How many members rules mean.
struct PreviewAnswer: Codable, Sendable, APIType {
    struct Step: Codable, Sendable {
        let condition: String
        let alone: Int
        let left: Int
    }

    struct Part: Codable, Sendable {
        let name: String
        let members: Int
    }

    let members: Int
    let conditions: [Step]
    let eligible: Int
    let classes: [Part]
    let others: Int
    let groups: [Part]

    init(_ preview: ProgramPreview, _ rules: ProgramRules, _ names: [ID<Organization>: String], _ language: Language) {
        members = preview.members
        conditions = zip(preview.steps, rules.eligibility).map { step, condition in
            Step(condition: condition.text(names)[language], alone: step.alone, left: step.left)
        }
        eligible = preview.eligible
        classes = zip(rules.classes, preview.classes).map { Part(name: $0.name, members: $1) }
        others = preview.classes.last ?? 0
        groups = zip(rules.groups, preview.groups).map { Part(name: $0.name, members: $1) }
    }

    private static let count = Schema.integer(0...Int64.max)
    private static let step = Schema.object(
        "PreviewStep", "One condition",
        [
            .required("condition", .string(1...20_000), "In words"), .required("alone", count, "Members of whom it holds"),
            .required("left", count, "Members of whom it and all before it hold"),
        ])
    private static let part = Schema.object(
        "PreviewPart", "A class or group", [.required("name", .string(1...100)), .required("members", count)])

    static let schema = Schema.object(
        "ProgramPreview", "How many members rules mean, within the caller's organizations",
        [
            .required("members", count, "Members whose membership lets them apply"), .required("conditions", .array(of: step, 0...100)),
            .required("eligible", count, "Of whom all conditions hold"),
            .required("classes", .array(of: part, 0...100), "Of the eligible, the first class that fits"),
            .required("others", count, "Of the eligible, those whom no class fits"),
            .required("groups", .array(of: part, 0...8), "Of the eligible; a member may be in several"),
        ])
}
