package import Postgres
import Registry
import Runtime

extension Condition {
    /// The condition as an expression over a row of `member`, true or false and never null.
    ///
    /// What stands in columns of `member` is read there; the rest by keys: for some members. Over a whole register `RegisterScan` says the
    /// same in one pass.
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
                        and \(fragment: condition.sql))
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
    enum Outside: Hashable {
        /// Belongs to one of them or to one below.
        case organizations([ID<Organization>])
        /// A claim that holds, with at least this evidence.
        case claim(MemberAttribute, AttributeEvidence, Value)
        case benefit(family: String, period: String)
    }

    /// What a claim's value must be.
    enum Value: Hashable {
        case oneOf([String])
        case day(from: CalendarDate?, to: CalendarDate?)

        /// Over a row of `member_attribute`.
        var sql: SQL {
            switch self {
            case .oneOf(let values): "member_attribute.value = any(\(values))"
            case .day(let from, let to):
                // Days are written so that their texts compare as they do.
                """
                (member_attribute.value collate "C" >= \(from?.description ?? "0")
                    and member_attribute.value collate "C" <= \(to?.description ?? "9999"))
                """
            }
        }
    }

    /// - Parameter look: an expression for what stands outside of the row.
    func sql(_ look: (Outside) -> SQL) -> SQL {
        switch self {
        case .attribute(let attribute, let values, let evidence): return Self.sql(attribute, values, evidence, look)
        case .day(let attribute, let from, let to, let evidence): return look(.claim(attribute, evidence, .day(from: from, to: to)))
        case .organization(let roots): return look(.organizations(roots))
        case .age(let least, let most, let day):
            let latest: SQL = least.map { "member.birth_on <= \(day.yearsBefore($0))" } ?? "true"
            let earliest: SQL = most.map { "member.birth_on > \(day.yearsBefore($0 + 1))" } ?? "true"
            return "(\(fragment: latest) and \(fragment: earliest))"
        case .sex(let sexes):
            return Self.isOne(of: sexes.map(\.rawValue), "sex")
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
            return look(.claim(attribute, evidence, .oneOf(values)))
        }
        let column: SQL = attribute.form == .yesOrNo ? isTrue(attribute, values) : isOne(of: values, attribute.rawValue)
        if evidence == .selfDeclared { return "(\(fragment: column))" }
        return "(\(fragment: column) and \(attribute.rawValue) = any(member.evidenced))"
    }

    private static func isOne(of values: [String], _ column: String) -> SQL {
        values.count == 1 ? "member.\(raw: column) = \(values[0])" : "member.\(raw: column) = any(\(values))"
    }

    /// Of a column of truth itself: comparing its text would be most of a condition's cost.
    private static func isTrue(_ attribute: MemberAttribute, _ values: [String]) -> SQL {
        switch (values.contains("true"), values.contains("false")) {
        case (true, true): "true"
        case (true, false): "member.\(raw: attribute.rawValue)"
        case (false, true): "not member.\(raw: attribute.rawValue)"
        case (false, false): "false"
        }
    }
}
