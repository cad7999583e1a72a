package import HTTP

/// Every problem of webhooks.
package enum WebhookProblem {
    static let endpointNotFound = ProblemType("webhook.endpoint_not_found", 404, zh: "没有这个接收地址", en: "There is no such receiver")
    static let deliveryNotFound = ProblemType(
        "webhook.delivery_not_found", 404, zh: "没有可重新发送的这次投递", en: "There is no such delivery that could be sent again")
    static let invalid = ProblemType("webhook.invalid", 422, zh: "接收地址不符合规则", en: "The receiver breaks a rule")

    static let changed = ProblemType(
        "webhook.endpoint_changed", 412, zh: "接收地址已被他人修改，请刷新后重试", en: "The receiver was changed meanwhile: read it again")

    package static let all: [ProblemType] = [endpointNotFound, deliveryNotFound, invalid, changed]

    static let urlRefused = Violation(
        "webhook.url_refused", pointer: "/url", zh: "必须是公网上的 https 地址", en: "must be an https address in the public internet")
    static let organizationUnknown = Violation(
        "webhook.organization_unknown", pointer: "/organizationId", zh: "没有这个组织，或不在您的范围内",
        en: "there is no such organization within your reach")
}
