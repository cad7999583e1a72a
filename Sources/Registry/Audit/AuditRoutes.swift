import Crypto
import HTTP
import Postgres
import Runtime

/// What auditors read, over HTTP.
struct AuditRoutes: Sendable {
    let database: Database
    let chains: AuditChainStore

    var all: [Route] { [list, read, seals] }

    private var list: Route {
        Route(
            .get, "/v1/audit-entries", summary: "Lists who changed what and who read what, the newest first", tag: "Audit",
            access: .permission(RegistryPermission.auditRead),
            parameters: PageCursor.parameters + [
                .query("subject", .string(1...100), "Of this one: member:12"), .query("actor", .string(1...100), "By this one: account:1"),
                .query("action", .string(1...100), "Of this kind: member.created"), .query("from", .dateTime, "Not before this time"),
                .query("until", .dateTime, "Before this time"),
            ],
            responses: [.json(200, AuditEntryList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (before, limit) = PageCursor.read(request, of: AuditEntry.self)
            let filter = AuditStore.Filter(
                subject: request.optionalParameter("subject"), actor: request.optionalParameter("actor"),
                action: request.optionalParameter("action"), from: time("from", request),
                until: time("until", request))
            let found = try await AuditStore.list(
                filter, scope: request.scope(of: RegistryPermission.auditRead), before: before, limit: limit + 1, in: database)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.entry.id)
            return .json(AuditEntryList(items: items.map(AuditEntryAnswer.init), next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/audit-entries/{id}", summary: "One entry with its place in the chain and the seal over it", tag: "Audit",
            access: .permission(RegistryPermission.auditRead), parameters: [.path("id", .id, "The entry")],
            responses: [.json(200, AuditEntryAnswer.self, "The entry")],
            problems: [AuditProblem.entryNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: RegistryPermission.auditRead)
            guard let found = try await AuditStore.find(request.parameter("id"), scope: scope, in: database) else {
                throw Problem(AuditProblem.entryNotFound)
            }
            return .json(AuditEntryAnswer(found))
        }
    }

    private var seals: Route {
        Route(
            .get, "/v1/audit-seals", summary: "The newest seals of the chain, to be kept elsewhere", tag: "Audit",
            access: .permission(RegistryPermission.auditRead), parameters: [.query("limit", .integer(1...200), "Seals, 50 by default")],
            responses: [.json(200, AuditSealList.self, "Seals, and the key that checks them")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let seals = try await chains.seals(1, before: nil, limit: request.optionalParameter("limit") ?? 50, in: database)
            return .json(AuditSealList(publicKey: Hex.encode(chains.key.publicKey.bytes), items: seals.map(AuditSealAnswer.init)))
        }
    }

    private func time(_ name: String, _ request: Request) -> Timestamp? {
        request.optionalParameter(name, as: String.self).flatMap { Timestamp(dateTime: $0) }
    }
}
