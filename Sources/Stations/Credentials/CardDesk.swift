import HTTP
import MemberCode
import Postgres
import Registry
import Runtime

/// Shows printed cards, to organizers and to those whose they are.
struct CardDesk: Sendable {
    let members: MemberStore
    let organizations: OrganizationStore
    let cards: MemberCardIssuer

    static let responses: [ResponseDeclaration] = [
        .bytes(200, ["image/svg+xml"], "The card"), .json(200, CardAnswer.self, "What it shows"),
    ]

    /// The card as a picture, or what it shows, by what the request prefers.
    /// - Throws: `access.credential_not_a_card`, `access.credential_revoked`, `access.credential_unknown`.
    func answer(_ found: CredentialStore.Found, _ request: Request) async throws -> Response {
        let credential = found.credential
        guard let lastDay = Self.lastDay(of: found) else { throw Problem(CredentialProblem.notACard) }
        guard credential.revokedAt == nil else { throw Problem(CredentialProblem.revoked) }
        guard let member = try await members.member(credential.memberId),
            let organization = try await organizations.organization(member.organizationID)
        else { throw Problem(CredentialProblem.unknown) }
        let name = member.person?.name.masked
        if request.prefers("image/svg+xml", to: "application/json") {
            let picture = CardPicture(
                code: text(of: found), maskedName: name ?? "", organization: organization.name, cardID: credential.id.description,
                lastDay: lastDay.description, hasPIN: credential.hasPIN)
            return Response.bytes(Array(picture.svg.utf8), contentType: "image/svg+xml").with("Cache-Control", "no-store")
        }
        return Response.json(
            CardAnswer(
                credential: credential, code: text(of: found), maskedName: name, organizationName: organization.name,
                issuedOn: found.issuedOn.description, lastDay: lastDay.description)
        ).with("Cache-Control", "no-store")
    }

    /// The last day that a card is good on; nil of what is no card.
    static func lastDay(of found: CredentialStore.Found) -> CalendarDate? {
        guard found.credential.kind == .card, let days = found.validDays else { return nil }
        return CalendarDate(daysSince1970: found.issuedOn.daysSince1970 + Int(days) - 1)
    }

    /// What the card's QR says.
    func text(of found: CredentialStore.Found) -> String {
        guard let days = found.validDays, let validDays = UInt16(exactly: days), let day = UInt16(exactly: found.issuedOn.daysSince1970)
        else { preconditionFailure("a card is good for a number of days, from one before 2149") }
        return cards.text(
            cardID: found.credential.id.rawValue, memberID: found.credential.memberId.rawValue, issuedOnDay: day, validDays: validDays)
    }
}
