package import Postgres
import Registry
import Runtime

extension Condition {
    /// The condition as an expression over a row of `member`, true or false and never null.
    ///
    /// What stands in columns of `member` is read there; the rest by keys: for some members. Over a whole register `RegisterScan` says the
    /// same with joins.
    package var sql: SQL {
        sql { outside in
            switch outside {
            case .organizations(let roots):
                """
                exists (
                    select from organization_ancestor
                    where organization_ancestor.organization_id = member.organization_id and ancestor_id = any(\(roots)))
                """
            case .claim(let attribute, let evidence, let condition):
                """
                exists (
                    select from member_attribute
                    where member_attribute.member_id = member.member_id and member_attribute.attribute = \(attribute.rawValue)
                        and member_attribute.is_current and member_attribute.evidence = any(\(Self.enough(evidence)))
                        and \(fragment: condition))
                """
            case .benefit(let family, let period):
                """
                exists (
                    select from benefit
                    join member holder on holder.member_id = benefit.member_id
                    where (holder.member_id = member.member_id or holder.merged_into = member.member_id)
                        and benefit.family = \(family) and benefit.period = \(period)
                        and benefit.state in ('held', 'confirmed', 'used'))
                """
            }
        }
    }

    /// What of a condition stands elsewhere than in the member's row.
    enum Outside {
        /// Belongs to one of them or to one below.
        case organizations([ID<Organization>])
        /// A claim that holds, with at least this evidence, whose `value` meets the condition.
        case claim(MemberAttribute, AttributeEvidence, SQL)
        case benefit(family: String, period: String)
    }

    /// - Parameter look: an expression for what stands outside of the row.
    func sql(_ look: (Outside) -> SQL) -> SQL {
        switch self {
        case .attribute(let attribute, let values, let evidence): return Self.sql(attribute, values, evidence, look)
        case .day(let attribute, let from, let to, let evidence):
            // Days are written so that their texts compare as they do.
            let condition: SQL = """
                (member_attribute.value collate "C" >= \(from?.description ?? "0")
                    and member_attribute.value collate "C" <= \(to?.description ?? "9999"))
                """
            return look(.claim(attribute, evidence, condition))
        case .organization(let roots): return look(.organizations(roots))
        case .age(let least, let most, let day):
            let latest: SQL = least.map { "member.birth_on <= \(day.yearsBefore($0))" } ?? "true"
            let earliest: SQL = most.map { "member.birth_on > \(day.yearsBefore($0 + 1))" } ?? "true"
            return "(\(fragment: latest) and \(fragment: earliest))"
        case .sex(let sexes):
            return "member.sex = any(\(sexes.map(\.rawValue)))"
        case .memberSince(let day):
            return "member.created_at < (\(CalendarDate(daysSince1970: day.daysSince1970 + 1))::timestamp at time zone 'Asia/Shanghai')"
        case .benefit(let family, let period): return look(.benefit(family: family, period: period))
        case .any(let parts): return Self.joined(parts, by: " or ", empty: "false", look)
        case .all(let parts): return Self.joined(parts, by: " and ", empty: "true", look)
        case .not(let part): return "not (\(fragment: part.sql(look)))"
        }
    }

    static func enough(_ evidence: AttributeEvidence) -> [String] {
        AttributeEvidence.allCases.filter { $0 >= evidence }.map(\.rawValue)
    }

    private static func joined(_ parts: [Condition], by word: String, empty: String, _ look: (Outside) -> SQL) -> SQL {
        guard let first = parts.first else { return SQL(raw: empty) }
        let all = parts.dropFirst().reduce(first.sql(look)) { joined, part -> SQL in
            "\(fragment: joined)\(raw: word)\(fragment: part.sql(look))"
        }
        return "(\(fragment: all))"
    }

    private static func sql(
        _ attribute: MemberAttribute, _ values: [String], _ evidence: AttributeEvidence, _ look: (Outside) -> SQL
    ) -> SQL {
        // A column says what holds, but not whether it is verified.
        guard attribute.isColumn, evidence < .verified else {
            return look(.claim(attribute, evidence, "member_attribute.value = any(\(values))"))
        }
        let column: SQL =
            attribute.form == .yesOrNo
            ? "member.\(raw: attribute.rawValue)::text = any(\(values))" : "member.\(raw: attribute.rawValue) = any(\(values))"
        if evidence == .selfDeclared { return "(\(fragment: column))" }
        return "(\(fragment: column) and \(attribute.rawValue) = any(member.evidenced))"
    }
}
