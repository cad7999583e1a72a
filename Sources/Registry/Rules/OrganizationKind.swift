/// What a node of the union's tree is.
package enum OrganizationKind: String, Codable, CaseIterable, Sendable {
    /// 市, 区, 街镇, 企业
    case city, district, street, enterprise
    /// 行业工会联合会
    case industryFederation = "industry_federation"
    /// Holds workers whose employer has no union.
    case holding
}
