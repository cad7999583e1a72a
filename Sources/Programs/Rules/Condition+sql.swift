package import Postgres
import Registry

extension Condition {
    /// The condition as an expression over a row of `member`, true or false and never null.
    ///
    /// What stands in columns of `member` is read there; the rest by key, so a condition costs one look a member at most.
    package var sql: SQL {
        switch self {
        case .attribute(let attribute, let values, let evidence): Self.sql(attribute, "value = any(\(values))", evidence, values)
        case .day(let attribute, let from, let to, let evidence):
            Self.sql(
                attribute,
                """
                value::date >= coalesce(\(from), '-infinity'::date) and value::date <= coalesce(\(to), 'infinity'::date)
                """, evidence, nil)
        case .organization(let roots):
            """
            exists (
                select from organization_ancestor
                where organization_ancestor.organization_id = member.organization_id and ancestor_id = any(\(roots)))
            """
        case .age(let least, let most, let day):
            """
            (member.birth_on <= coalesce(\(least.map { day.yearsBefore($0) }), 'infinity'::date)
                and member.birth_on > coalesce(\(most.map { day.yearsBefore($0 + 1) }), '-infinity'::date))
            """
        case .sex(let sexes): "member.sex = any(\(sexes.map(\.rawValue)))"
        case .memberSince(let day): "(member.created_at at time zone 'Asia/Shanghai')::date <= \(day)"
        case .benefit(let family, let period):
            """
            exists (
                select from benefit
                where benefit.member_id = member.member_id and benefit.family = \(family) and benefit.period = \(period)
                    and benefit.state in ('held', 'confirmed', 'used'))
            """
        case .any(let parts): Self.joined(parts, by: " or ", empty: "false")
        case .all(let parts): Self.joined(parts, by: " and ", empty: "true")
        case .not(let part): "not (\(fragment: part.sql))"
        }
    }

    private static func joined(_ parts: [Condition], by word: String, empty: String) -> SQL {
        guard let first = parts.first else { return SQL(raw: empty) }
        let all = parts.dropFirst().reduce(first.sql) { joined, part -> SQL in
            "\(fragment: joined)\(raw: word)\(fragment: part.sql)"
        }
        return "(\(fragment: all))"
    }

    private static func sql(
        _ attribute: MemberAttribute, _ condition: SQL, _ evidence: AttributeEvidence, _ values: [String]?
    ) -> SQL {
        if attribute.isColumn, evidence == .selfDeclared, let values {
            if attribute.form == .yesOrNo { return "member.\(raw: attribute.rawValue)::text = any(\(values))" }
            return "member.\(raw: attribute.rawValue) = any(\(values))"
        }
        let enough = AttributeEvidence.allCases.filter { $0 >= evidence }.map(\.rawValue)
        return """
            exists (
                select from member_attribute_current
                where member_attribute_current.member_id = member.member_id
                    and member_attribute_current.attribute = \(attribute.rawValue)
                    and member_attribute_current.evidence = any(\(enough))
                    and \(fragment: condition))
            """
    }
}
