package import HTTP

/// The problems of rules.
package enum RulesProblem {
    package static let invalid = ProblemType(
        "program.rules_invalid", 422, zh: "项目规则有误", en: "The program's rules break a rule themselves")

    package static let all: [ProblemType] = [invalid]
}
