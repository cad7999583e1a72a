import FoundationEssentials
import HTTP
import Postgres
import Registry
import Testing

/// Every change by an organizer leaves an entry in the audit. A new route that changes something fails here until it is classified.
struct AuditCoverageTests {
    private enum Class: Sendable {
        /// The action that its success writes down; one of a family made while it runs ends in a full stop: `member.`.
        case audited(String)
        /// Why it writes none.
        case exempt(Reason)
    }

    private enum Reason: String, Sendable {
        case signIn = "nobody is an organizer before it, and sessions are listed by themselves"
        case ownSession = "ends the caller's own session"
        case ownData = "a member's own: kept in the history of the thing itself"
        case device = "a device's report: every scan and every entry of its journal is an event row"
        case search = "reads, masked"
    }

    /// Lines for routes that are not there harm nothing.
    private static let table: [String: Class] = [
        "POST /v1/organizations": .audited("organization.created"),
        "PATCH /v1/organizations/{id}": .audited("organization.changed"),
        "POST /v1/organizations/{id}/move": .audited("organization.moved"),
        "POST /v1/organizations/{id}/close": .audited("organization.closed"),
        "POST /v1/organizations/{id}/renewals": .audited("organization.renewed"),
        "POST /v1/organizations/{id}/join-code/rotate": .audited("organization.join_code_rotated"),
        "POST /v1/organizations/{id}/join-code/disable": .audited("organization.join_code_disabled"),
        "POST /v1/join/{code}/applications": .audited("application.submitted"),
        "PUT /v1/join-application": .audited("application.submitted"),
        "POST /v1/applications/{id}/approve": .audited("application."),
        "POST /v1/applications/{id}/reject": .audited("application."),
        "POST /v1/members/{id}/transfers": .audited("transfer."),
        "POST /v1/transfers/{id}/agree": .audited("transfer."),
        "POST /v1/transfers/{id}/refuse": .audited("transfer."),
        "POST /v1/me/transfers": .exempt(.ownData),
        "POST /v1/me/transfers/{id}/cancel": .exempt(.ownData),
        "POST /v1/me/leave": .exempt(.ownData),
        "POST /v1/me/messages/read": .exempt(.ownData),
        "POST /v1/members/{id}/leave": .audited("member."),
        "POST /v1/members/{id}/suspend": .audited("member."),
        "POST /v1/members/{id}/resume": .audited("member."),
        "POST /v1/members/{id}/rejoin": .audited("member."),

        "POST /v1/members": .audited("member.created"),
        "POST /v1/members/{id}/status": .audited("member.status_changed"),
        "POST /v1/members/{id}/unmask": .audited("member.unmasked"),
        "POST /v1/members/{id}/merge": .audited("member.merged"),
        "POST /v1/members/{id}/erasure": .audited("member.erased"),
        "PUT /v1/members/{id}/attributes/{attribute}": .audited("member.attribute_recorded"),
        "POST /v1/duplicates/{id}/dismiss": .audited("duplicate.dismissed"),
        "POST /v1/register-checks": .audited("members.register_checked"),
        "POST /v1/member-imports": .audited("member_import.started"),
        "POST /v1/member-exports": .audited("export.began"),
        "POST /v1/organization-exports": .audited("export.began"),
        "POST /v1/member-searches": .exempt(.search),
        "POST /v1/qr": .exempt(.search),
        "POST /v1/sign-out": .exempt(.ownSession),
        "POST /v1/me/erasure": .audited("member.erased"),
        "PUT /v1/me/attributes/{attribute}": .audited("member.attribute_recorded"),
        "PUT /v1/me/consents/{purpose}": .audited("member.consent_given"),

        "POST /v1/accounts": .audited("account.created"),
        "POST /v1/accounts/{id}/disable": .audited("account.disabled"),
        "POST /v1/accounts/{id}/grants": .audited("account.granted"),
        "DELETE /v1/accounts/{id}/grants/{grantId}": .audited("account.grant_ended"),
        "POST /v1/accounts/{id}/invitations": .audited("account.invited"),
        "PUT /v1/account/password": .audited("account.password_set"),
        "POST /v1/account-passwords": .audited("account.password_set"),
        "POST /v1/account-sessions": .exempt(.signIn),
        "DELETE /v1/account/sessions/{id}": .exempt(.ownSession),
        "POST /v1/member-sessions": .exempt(.signIn),
        "POST /v1/member-sessions/codes": .exempt(.signIn),
        "DELETE /v1/me/sessions": .exempt(.ownSession),
        "DELETE /v1/me/sessions/{id}": .exempt(.ownSession),

        "POST /v1/device-pairings": .audited("device_pairing.created"),
        "POST /v1/devices": .audited("device.paired"),
        "POST /v1/devices/{id}/roll": .audited("device.key_rolled"),
        "POST /v1/devices/{id}/revoke": .audited("device.revoked"),
        "POST /v1/jobs/{id}/run": .audited("job.run_asked"),
        "POST /v1/jobs/{id}/cancel": .audited("job.cancel_asked"),

        "POST /v1/programs": .audited("program."),
        "PUT /v1/programs/{id}": .audited("program."),
        "PUT /v1/programs/{id}/sessions": .audited("program."),
        "POST /v1/programs/{id}/sessions": .audited("program."),
        "POST /v1/programs/{id}/announce": .audited("program."),
        "POST /v1/programs/{id}/close": .audited("program."),
        "POST /v1/programs/{id}/end": .audited("program."),
        "POST /v1/programs/{id}/cancel": .audited("program."),
        "POST /v1/programs/{id}/parts": .audited("program."),
        "POST /v1/programs/{id}/runs": .audited("program.run_asked"),
        "POST /v1/programs/{id}/runs/{number}/review": .audited("program."),
        "POST /v1/programs/{id}/publish": .audited("program."),
        "POST /v1/programs/{id}/beacon": .audited("program.beacon_given"),
        "POST /v1/programs/{id}/simulations": .exempt(.search),
        "POST /v1/programs/{id}/sessions/{number}/seats": .audited("program."),
        "POST /v1/programs/{id}/sessions/{number}/cuts": .audited("program."),
        "POST /v1/programs/{id}/sessions/{number}/cuts/confirm": .audited("program."),
        "POST /v1/me/programs/{id}/award/confirm": .exempt(.ownData),
        "POST /v1/me/programs/{id}/award/decline": .exempt(.ownData),
        "POST /v1/me/programs/{id}/award/withdraw": .exempt(.ownData),
        "POST /v1/programs/preview": .exempt(.search),
        "PUT /v1/me/programs/{id}/application": .exempt(.ownData),
        "DELETE /v1/me/programs/{id}/application": .exempt(.ownData),
        "PUT /v1/programs/{id}/applications/{memberId}": .audited("program.applied_for"),
        "DELETE /v1/programs/{id}/applications/{memberId}": .audited("program.withdrawn_for"),
        "POST /v1/programs/{id}/applications/import": .audited("program.applications_imported"),
        "POST /v1/programs/{id}/awards": .audited("award.given"),
        "POST /v1/programs/{id}/awards/{memberId}/confirm": .audited("award.changed"),
        "POST /v1/programs/{id}/awards/{memberId}/decline": .audited("award.changed"),
        "POST /v1/programs/{id}/awards/{memberId}/withdraw": .audited("award.changed"),
        "POST /v1/programs/{id}/awards/{memberId}/excuse": .audited("award.changed"),
        "POST /v1/programs/{id}/awards/{memberId}/use": .audited("award.changed"),
        "POST /v1/programs/{id}/awards/{memberId}/attended": .audited("award.changed"),
        "POST /v1/programs/{id}/awards/{memberId}/no-show": .audited("award.changed"),
        "POST /v1/programs/{id}/awards/{memberId}/swap": .audited("award.changed"),

        "POST /v1/stations": .audited("station.created"),
        "PATCH /v1/stations/{id}": .audited("station.changed"),
        "POST /v1/stations/{id}/lock-down": .audited("station."),
        "POST /v1/stations/{id}/unlock": .audited("station."),
        "POST /v1/stations/{id}/normal": .audited("station."),
        "POST /v1/stations/{id}/access-points": .audited("access_point.created"),
        "PUT /v1/access-points/{id}/policy": .audited("access_point.policy_set"),
        "POST /v1/access-points/{id}/policy-trials": .exempt(.search),
        "POST /v1/access-points/{id}/devices": .audited("access_point.device_assigned"),
        "DELETE /v1/access-points/{id}/devices/{deviceId}": .audited("access_point.device_unassigned"),
        "POST /v1/access-points/{id}/door-print": .audited("access_point.door_print_renewed"),
        "POST /v1/access-points/{id}/open": .exempt(.ownData),
        "POST /v1/access-points/{id}/heartbeat": .exempt(.device),
        "POST /v1/access/scans": .exempt(.device),
        "POST /v1/access/annulments": .exempt(.device),
        "POST /v1/access/journal": .exempt(.device),
        "POST /v1/alarms/{id}/acknowledge": .audited("alarm."),
        "POST /v1/alarms/{id}/close": .audited("alarm."),
        "POST /v1/members/{id}/credentials": .audited("credential.issued"),
        "POST /v1/credentials/{id}/revoke": .audited("credential."),
        "POST /v1/credentials/{id}/unlock": .audited("credential."),
        "PUT /v1/credentials/{id}/pin": .audited("credential."),
        "DELETE /v1/credentials/{id}/pin": .audited("credential."),
        "POST /v1/me/credentials/{id}/lost": .audited("credential."),
        "PUT /v1/me/credentials/{id}/pin": .audited("credential."),

        "POST /v1/checkups/campaigns": .audited("checkup_campaign.created"),
        "POST /v1/checkups/campaigns/{id}/packages": .audited("checkup_package.created"),
        "POST /v1/checkups/campaigns/{id}/visits": .audited("checkup_visit.created"),
        "POST /v1/checkups/campaigns/{id}/reports": .audited("checkup_report."),
        "POST /v1/checkups/visits/{id}/sessions": .audited("checkup_visit.sessions_added"),
        "POST /v1/checkups/visits/{id}/check-ins": .exempt(.device),
        "POST /v1/checkups/visits/{id}/walk-ins": .exempt(.device),
        "POST /v1/checkups/visits/{id}/walk-ins/next": .exempt(.device),
        "POST /v1/checkups/visits/{id}/days/{date}/attendance": .audited("checkup_visit.list_entered"),
        "POST /v1/me/checkups/visits/{id}/swap": .exempt(.ownData),
        "POST /v1/me/checkups/campaigns/{id}/follow-up-done": .exempt(.ownData),

        "POST /v1/coupon-campaigns": .audited("coupon_campaign."),
        "PUT /v1/coupon-campaigns/{id}": .audited("coupon_campaign."),
        "POST /v1/coupon-campaigns/{id}/pause": .audited("coupon_campaign."),
        "POST /v1/coupon-campaigns/{id}/resume": .audited("coupon_campaign."),
        "POST /v1/coupon-campaigns/{id}/rounds": .audited("coupon_round."),
        "POST /v1/coupon-campaigns/{id}/settlements": .audited("coupon_settlement.created"),
        "PUT /v1/coupon-campaigns/{id}/venues/{venueId}": .audited("coupon_campaign.venue_put"),
        "DELETE /v1/coupon-campaigns/{id}/venues/{venueId}": .audited("coupon_campaign.venue_removed"),
        "PUT /v1/coupon-rounds/{id}": .audited("coupon_round."),
        "POST /v1/coupon-rounds/{id}/announce": .audited("coupon_round."),
        "POST /v1/coupon-rounds/{id}/pause": .audited("coupon_round."),
        "POST /v1/coupon-rounds/{id}/resume": .audited("coupon_round."),
        "POST /v1/coupon-rounds/{id}/cancel": .audited("coupon_round."),
        "POST /v1/coupon-rounds/{id}/claims": .exempt(.ownData),
        "POST /v1/me/coupons/{id}/return": .exempt(.ownData),
        "POST /v1/me/coupons/{couponId}/code": .exempt(.ownData),
        "POST /v1/redemptions": .exempt(.device),
        "POST /v1/redemptions/journal": .exempt(.device),
        "POST /v1/redemptions/{requestId}/annul": .exempt(.device),
        "POST /v1/venues": .audited("venue.created"),
        "PUT /v1/venues/{id}": .audited("venue.changed"),
        "POST /v1/venues/{id}/close": .audited("venue.closed"),
        "PUT /v1/venues/{id}/devices/{deviceId}": .audited("venue.device_bound"),
        "DELETE /v1/venues/{id}/devices/{deviceId}": .audited("venue.device_unbound"),
        "POST /v1/venues/{id}/redemptions/{requestId}/refund": .audited("coupon.refunded"),

        "POST /v1/insurers": .audited("insurer.created"),
        "PUT /v1/insurers/{id}": .audited("insurer.changed"),
        "POST /v1/insurance-products": .audited("insurance_product."),
        "PUT /v1/insurance-products/{id}": .audited("insurance_product."),
        "POST /v1/insurance-batches": .audited("insurance_batch."),
        "PUT /v1/insurance-batches/{id}": .audited("insurance_batch."),
        "POST /v1/insurance-batches/{id}/announce": .audited("insurance_batch."),
        "POST /v1/insurance-batches/{id}/runs": .audited("insurance_batch.run_asked"),
        "POST /v1/insurance-batches/{id}/review": .audited("insurance_batch."),
        "POST /v1/insurance-batches/{id}/close": .audited("insurance_batch."),
        "POST /v1/insurance-batches/{id}/cancel": .audited("insurance_batch."),
        "POST /v1/insurance-batches/{id}/numbers": .audited("insurance_batch."),
        "POST /v1/insurance-batches/{id}/rosters": .audited("insurance_batch."),
        "POST /v1/insurance-batches/{id}/rosters/{number}/receipt": .audited("insurance_roster.received"),
        "POST /v1/insurance-batches/{id}/results": .audited("insurance_batch."),
        "POST /v1/insurance-batches/{id}/policies/mend": .audited("insurance_batch."),
        "POST /v1/insurance-batches/{id}/policies/{policy}/mend": .audited("insurance_policy.mended"),
        "POST /v1/insurance-batches/{id}/policies/{policy}/return": .audited("insurance_policy.returned"),
        "POST /v1/insurance-batches/{id}/contributions": .audited("insurance_batch.contributions_noted"),
        "PUT /v1/policy-claims/{id}": .audited("policy_claim.decided"),
        "POST /v1/me/policies/{id}/accept": .exempt(.ownData),
        "POST /v1/me/policies/{id}/refuse": .exempt(.ownData),
        "POST /v1/me/policies/{id}/claims": .exempt(.ownData),
        "POST /v1/me/insurance-batches/{id}/join": .exempt(.ownData),

        "POST /v1/me/enrolments": .exempt(.ownData),
        "POST /v1/me/lessons/calendar-address": .exempt(.ownData),
        "DELETE /v1/me/lessons/calendar-address": .exempt(.ownData),
        "PUT /v1/me/enrolments/{id}/wishes": .exempt(.ownData),
        "POST /v1/me/enrolments/{id}/confirm": .exempt(.ownData),
        "POST /v1/me/enrolments/{id}/decline": .exempt(.ownData),
        "POST /v1/me/enrolments/{id}/withdraw": .exempt(.ownData),
        "POST /v1/schools": .audited("school.created"),
        "PUT /v1/schools/{id}": .audited("school.changed"),
        "POST /v1/schools/{id}/terms": .audited("school_term.created"),
        "PUT /v1/school-terms/{id}": .audited("school_term.changed"),
        "POST /v1/school-terms/{id}/catalogue": .audited("school_term.catalogue_brought"),
        "POST /v1/school-terms/{id}/lesson-previews": .exempt(.search),
        "POST /v1/schools/{id}/rooms": .audited("classroom.created"),
        "PUT /v1/school-rooms/{id}": .audited("classroom.changed"),
        "PUT /v1/schools/{id}/categories/{code}": .audited("school.category_put"),
        "POST /v1/teachers": .audited("teacher.created"),
        "PUT /v1/teachers/{id}": .audited("teacher.changed"),
        "POST /v1/schools/{id}/courses": .audited("course.created"),
        "PUT /v1/courses/{id}": .audited("course.changed"),
        "POST /v1/classes": .audited("school_class."),
        "PUT /v1/classes/{id}": .audited("school_class."),
        "POST /v1/classes/{id}/publish": .audited("school_class."),
        "POST /v1/classes/{id}/cancel": .audited("school_class."),
        "POST /v1/classes/{id}/capacity": .audited("school_class."),
        "POST /v1/classes/{id}/cuts": .audited("school_class."),
        "POST /v1/classes/{id}/cuts/confirm": .audited("school_class."),
        "POST /v1/classes/{id}/lessons/{number}/move": .audited("school_class."),
        "POST /v1/classes/{id}/lessons/{number}/cancel": .audited("school_class."),
        "PUT /v1/school-terms/{id}/attendance-rules": .audited("school_term.rules_set"),
        "PUT /v1/schools/{id}/attendance-rules": .audited("school.rules_set"),
        "POST /v1/lesson-scans/journal": .exempt(.device),
        "POST /v1/classes/{id}/lessons/{number}/scans": .exempt(.device),
        "PUT /v1/classes/{id}/lessons/{number}/roll": .audited("lesson.attendance_marked"),
        "PUT /v1/me/taught-classes/{id}/lessons/{number}/roll": .audited("lesson.attendance_marked"),
        "PUT /v1/school-rooms/{id}/devices/{deviceId}": .audited("classroom.device_bound"),
        "DELETE /v1/school-rooms/{id}/devices/{deviceId}": .audited("classroom.device_unbound"),
        "POST /v1/me/classes/{id}/lessons/{number}/excuse": .exempt(.ownData),
        "POST /v1/me/classes/{id}/lessons/{number}/lent-seat/take": .exempt(.ownData),
        "POST /v1/me/classes/{id}/lessons/{number}/lent-seat/decline": .exempt(.ownData),
        "POST /v1/me/school-standings/{id}/appeal": .exempt(.ownData),
        "PUT /v1/school-standings/{id}/appeal": .audited("enrolment_standing.appeal_decided"),
        "POST /v1/certificates/{id}/revoke": .audited("certificate.revoked"),
        "PUT /v1/me/enrolments/{id}/feedback": .exempt(.ownData),

        "POST /v1/webhook-endpoints": .audited("webhook_endpoint.created"),
        "PATCH /v1/webhook-endpoints/{id}": .audited("webhook_endpoint.changed"),
        "DELETE /v1/webhook-endpoints/{id}": .audited("webhook_endpoint.deleted"),
        "POST /v1/webhook-endpoints/{id}/rotate-secret": .audited("webhook_endpoint.secret_rotated"),
        "POST /v1/webhook-endpoints/{id}/test": .audited("webhook_endpoint.tested"),
        "POST /v1/webhook-endpoints/{id}/replay": .audited("webhook_endpoint.replayed"),
        "POST /v1/webhook-endpoints/{id}/deliveries/{deliveryId}/resend": .audited("webhook_endpoint.resent"),
    ]

    private static func changes(_ api: API) -> [String] {
        api.routes.filter { ![.get, .head, .options].contains($0.method) }.map { "\($0.method.rawValue.uppercased()) \($0.template)" }
    }

    @Test func `every route that changes something is classified, and its action stands in the sources`() async throws {
        var sources = ""
        let root = "/" + String(#filePath.split(separator: "/Tests/")[0].drop { $0 == "/" })
        for target in ["Checkups", "Coupons", "Insurance", "NightSchool", "Programs", "Registry", "Stations"] {
            for file in try FileManager.default.subpathsOfDirectory(atPath: "\(root)/Sources/\(target)") where file.hasSuffix(".swift") {
                sources += String(
                    decoding: try #require(FileManager.default.contents(atPath: "\(root)/Sources/\(target)/\(file)")), as: UTF8.self)
            }
        }
        let literals = Set(sources.split(separator: "\"", omittingEmptySubsequences: false).map(String.init))
        try await withService { service in
            let changes = Self.changes(service.api)
            #expect(changes.count > 10)
            for name in changes {
                switch Self.table[name] {
                case nil: Issue.record("\(name) is not classified: audited, with its action, or exempt, with a reason")
                case .exempt: continue
                case .audited(let action):
                    let stands = literals.contains { action.hasSuffix(".") ? $0.hasPrefix(action) : $0 == action }
                    #expect(stands, "\(name): \(action) stands nowhere in the sources")
                }
            }
        }
    }

    /// A change, what it sends, and where the number in its answer goes.
    private static let tour: [(change: String, path: String, body: String)] = [
        ("POST /v1/organizations", "/v1/organizations", #"{"kind":"city","name":"德保"}"#),
        ("POST /v1/members", "/v1/members", #"{"name":"张三","nationalId":"11010519491231002X","organizationId":1}"#),
        ("POST /v1/members/{id}/status", "/v1/members/1/status", #"{"status":"suspended"}"#),
        ("POST /v1/device-pairings", "/v1/device-pairings", #"{"name":"北门","profile":"door"}"#),
        ("POST /v1/devices/{id}/roll", "/v1/devices/1/roll", ""),
        ("POST /v1/stations", "/v1/stations", #"{"organizationId":1,"nameZh":"一号","address":"路"}"#),
        ("POST /v1/stations/{id}/access-points", "/v1/stations/1/access-points", #"{"name":"门"}"#),
        ("POST /v1/access-points/{id}/devices", "/v1/access-points/1/devices", #"{"deviceId":1}"#),
        ("DELETE /v1/access-points/{id}/devices/{deviceId}", "/v1/access-points/1/devices/1", ""),
        ("POST /v1/devices/{id}/revoke", "/v1/devices/1/revoke", ""),
        ("POST /v1/webhook-endpoints", "/v1/webhook-endpoints", #"{"url":"https://example.com/x"}"#),
        ("PATCH /v1/webhook-endpoints/{id}", "/v1/webhook-endpoints/1", #"{"state":"paused"}"#),
        ("POST /v1/webhook-endpoints/{id}/rotate-secret", "/v1/webhook-endpoints/1/rotate-secret", "{}"),
        ("POST /v1/webhook-endpoints/{id}/test", "/v1/webhook-endpoints/1/test", ""),
        ("POST /v1/webhook-endpoints/{id}/replay", "/v1/webhook-endpoints/1/replay", #"{"fromEventId":1}"#),
        ("DELETE /v1/webhook-endpoints/{id}", "/v1/webhook-endpoints/1", ""),
    ]

    @Test func `a change by an organizer leaves its entry with the request's id, and a refused one leaves none`() async throws {
        try await withService { service in
            _ = try await service.registry.devices.create(name: "door", profile: .door)
            func entries() async throws -> Int { try await service.database.query("select count(*) from audit_entry")[0].decode(0) }
            for (number, step) in Self.tour.enumerated() {
                guard case .audited(let action) = Self.table[step.change],
                    let method = service.api.routes.first(where: {
                        "\($0.method.rawValue.uppercased()) \($0.template)" == step.change
                    })?.method
                else {
                    Issue.record("\(step.change) is no audited route")
                    continue
                }
                let body = step.body.isEmpty ? nil : Array(step.body.utf8)
                let contentType = body == nil ? nil : "application/json"
                let before = try await entries()
                let refused = await service.client.send(
                    method, step.path.replacing("/1", with: "/4711"), bearer: "wso_nobody", body: body, contentType: contentType)
                #expect(refused.status == 401)
                #expect(try await entries() == before)
                let response = await service.client.send(
                    method, step.path, bearer: service.owner, headers: [("X-Request-Id", "tour-\(number)")], body: body,
                    contentType: contentType)
                #expect(response.status < 300, "\(step.change): \(response.text)")
                let rows = try await service.database.query(
                    "select action, actor, details from audit_entry where request_id = \("tour-\(number)")")
                #expect(try rows.first?.decode(0, as: String.self) == action, "\(step.change)")
                #expect(try rows.first?.decode(1, as: String.self) == "account:1")
            }
            let text = try await service.database.query("select string_agg(audit_entry::text, ' ') from audit_entry")[0]
            for secret in ["张三", "11010519491231002X", "whsec_", "wsd_"] {
                #expect(try !text.decode(0, as: String.self).contains(secret), "personal data and secrets stay out of the audit")
            }
        }
    }
}
