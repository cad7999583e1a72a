import HTTP

/// Every problem of reading the audit.
enum AuditProblem {
    static let entryNotFound = ProblemType(
        "registry.audit_entry_not_found", 404, zh: "没有这条审计记录", en: "There is no such entry in the audit")

    static let all: [ProblemType] = [entryNotFound]
}
