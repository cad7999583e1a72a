package import HTTP

/// The problems of organizations' profiles, renewals, moves, ends and join codes.
package enum OrganizationProblem {
    package static let invalid = ProblemType(
        "registry.organization_invalid", 422, zh: "组织资料不符合规则", en: "The organization's data breaks a rule")
    package static let changed = ProblemType(
        "registry.organization_changed", 412, zh: "资料已被他人修改，请刷新后重试",
        en: "Somebody changed the organization meanwhile: read it again")
    package static let closed = ProblemType(
        "registry.organization_closed", 409, zh: "该组织已撤销", en: "The organization is closed")
    package static let inUse = ProblemType(
        "registry.organization_in_use", 409, zh: "该组织下还有会员或下级组织，不能撤销",
        en: "The organization still has members or organizations below it")
    package static let kindNotAllowed = ProblemType(
        "registry.organization_kind_not_allowed", 409, zh: "该类组织不能设在此上级之下",
        en: "An organization of this kind does not stand below that parent")
    package static let cycle = ProblemType(
        "registry.organization_cycle", 409, zh: "不能移到自己或自己的下级之下", en: "An organization cannot stand below itself")
    package static let notHolding = ProblemType(
        "registry.organization_not_holding", 409, zh: "该组织不是兜底（代管）组织", en: "The organization is not a holding organization")
    package static let noJoinCode = ProblemType(
        "registry.join_code_none", 404, zh: "该组织没有在用的入会码", en: "The organization has no join code in use")

    package static let all: [ProblemType] = [invalid, changed, closed, inUse, kindNotAllowed, cycle, notHolding, noJoinCode]
}
