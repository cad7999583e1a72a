import HTTP
import Postgres
import Runtime

/// Suspected duplicates and merges, over HTTP.
struct DuplicateRoutes: Sendable {
    let members: MemberStore
    let duplicates: MemberDuplicateStore
    let sections: PersonalDataSections
    let audit: AuditStore
    let outbox: OutboxStore
    let idempotency: IdempotencyStore
    let authenticator: RegistryAuthenticator

    var all: [Route] { [list, dismiss, merge, merges] }

    private static let tag = "Duplicates"
    private static let member = Parameter.path("id", .id, "The member")

    private var list: Route {
        Route(
            .get, "/v1/duplicates", summary: "Pairs of members who may be one person, masked, for a person to decide", tag: Self.tag,
            access: .permission(RegistryPermission.memberDetailsRead),
            parameters: PageCursor.parameters + [
                .query("state", .oneOf(MemberDuplicate.State.allCases.map(\.rawValue)), "suspected by default")
            ],
            responses: [.json(200, DuplicateList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: MemberDuplicate.self)
            let state: MemberDuplicate.State = request.optionalParameter("state") ?? .suspected
            let scope = request.scope(of: RegistryPermission.memberDetailsRead)
            let found = try await duplicates.list(state, within: scope, after: after, limit: limit + 1)
            let (pairs, next) = PageCursor.page(found, limit: limit, id: \.id)
            let people = try await members.members(Array(Set(pairs.flatMap(\.memberIDs))), within: scope)
            let known = Dictionary(uniqueKeysWithValues: people.map { ($0.id, $0) })
            return .json(DuplicateList(items: pairs.map { DuplicateAnswer($0, known) }, next: next))
        }
    }

    private var dismiss: Route {
        Route(
            .post, "/v1/duplicates/{id}/dismiss", summary: "Decides that the two are two persons", tag: Self.tag,
            access: .permission(RegistryPermission.membersWrite),
            parameters: [.path("id", .id, "The pair"), IdempotencyStore.parameter], body: .json(DismissalBody.self, limitBytes: 2_048),
            responses: [.json(200, DuplicateAnswer.self, "The pair")],
            problems: [PersonProblem.duplicateNotFound, PersonProblem.duplicateDecided] + IdempotencyStore.problems
        ) { request in
            let reason = try request.json(DismissalBody.self).reason
            let id: ID<MemberDuplicate> = request.parameter("id")
            let scope = request.scope(of: RegistryPermission.membersWrite)
            let subject = request.principal?.subject ?? "anyone"
            return try await idempotency.once(request) { transaction in
                guard try await duplicates.duplicate(id, within: scope, locks: true, in: transaction) != nil else {
                    throw Problem(PersonProblem.duplicateNotFound)
                }
                guard try await duplicates.dismiss(id, reason: reason, by: subject, in: transaction),
                    let pair = try await duplicates.duplicate(id, within: scope, in: transaction)
                else { throw Problem(PersonProblem.duplicateDecided) }
                let people = try await members.members(pair.memberIDs, within: scope, in: transaction)
                try await audit.record(
                    "duplicate.dismissed", subject: "duplicate:\(id)", organization: people.first?.organizationID,
                    details: ["members": pair.memberIDs.map(\.description).joined(separator: " ")], request, in: transaction)
                let known = Dictionary(uniqueKeysWithValues: people.map { ($0.id, $0) })
                return .json(DuplicateAnswer(pair, known))
            }
        }
    }

    private var merge: Route {
        Route(
            .post, "/v1/members/{id}/merge", summary: "Merges another member, who is the same person, into this one", tag: Self.tag,
            access: .permission(RegistryPermission.membersWrite), parameters: [Self.member, IdempotencyStore.parameter],
            body: .json(MergeBody.self, limitBytes: 2_048),
            responses: [.json(200, MergeList.self, "The merges of this member")],
            problems: [
                RegistryProblem.memberNotFound, PersonProblem.mergeWithItself, PersonProblem.mergeUnknownDuplicate,
                PersonProblem.memberMerged, PersonProblem.memberErased,
            ] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(MergeBody.self)
            let id: ID<Member> = request.parameter("id")
            guard body.duplicateId != id else { throw Problem(PersonProblem.mergeWithItself) }
            let scope = request.scope(of: RegistryPermission.membersWrite)
            let response = try await idempotency.once(request) { transaction in try await merge(id, body, scope, request, transaction) }
            authenticator.forgetAll()
            return response
        }
    }

    private func merge(
        _ id: ID<Member>, _ body: MergeBody, _ scope: Scope, _ request: Request, _ transaction: any Querying
    ) async throws -> Response {
        let survivor = try await members.required(id, within: scope, in: transaction)
        guard let duplicate = try await members.member(body.duplicateId, within: scope, in: transaction) else {
            throw Problem(PersonProblem.mergeUnknownDuplicate)
        }
        let subject = request.principal?.subject ?? "anyone"
        switch try await duplicates.merge(duplicate, into: id, reason: body.reason, by: subject, in: transaction) {
        case .merged: for section in sections.all { try await section.merge(duplicate.id, id, transaction) }
        case .survivorUnknown: throw Problem(RegistryProblem.memberNotFound)
        case .duplicateUnknown: throw Problem(PersonProblem.mergeUnknownDuplicate)
        case .survivorMerged:
            throw Problem(
                PersonProblem.memberMerged, detail: Localized(zh: "会员 \(id) 已合并到另一会员", en: "Member \(id) was merged into another one"))
        case .duplicateMerged:
            throw Problem(
                PersonProblem.memberMerged,
                detail: Localized(
                    zh: "会员 \(duplicate.id) 已合并到另一会员", en: "Member \(duplicate.id) was merged into another one"))
        case .erased: throw Problem(PersonProblem.memberErased)
        }
        for organization in Set([survivor.organizationID, duplicate.organizationID]) {
            try await audit.record(
                "member.merged", subject: "member:\(id)", organization: organization, details: ["merged": "member:\(duplicate.id)"],
                request, in: transaction)
        }
        try await outbox.emit(
            "member.merged", subject: "member:\(id)", organization: survivor.organizationID,
            data: MergedEvent(memberId: id, mergedMemberId: duplicate.id), in: transaction)
        return .json(MergeList(items: try await duplicates.merges(of: id, in: transaction).map(MergeAnswer.init)))
    }

    private var merges: Route {
        Route(
            .get, "/v1/members/{id}/merges", summary: "Who was merged into this member, or where it went: by whom, when and why",
            tag: Self.tag, access: .permission(RegistryPermission.memberDetailsRead), parameters: [Self.member],
            responses: [.json(200, MergeList.self, "The merges, in the order of time")],
            problems: [RegistryProblem.memberNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: RegistryPermission.memberDetailsRead)
            let id = try await members.required(request.parameter("id"), within: scope).id
            return .json(MergeList(items: try await duplicates.merges(of: id).map(MergeAnswer.init)))
        }
    }
}

extension MemberDuplicate.State: ParameterValue {}

/// What receivers of webhooks are told of a merge.
struct MergedEvent: Encodable, Sendable {
    let memberId: ID<Member>
    let mergedMemberId: ID<Member>
}
