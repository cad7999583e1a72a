package import HTTP
import Registry
import Runtime

/// A policy to be tried on what was asked for at an access point.
package struct AccessPolicyTrialDraft: Codable, Sendable, APIType {
    package var policy: AccessPolicy
    /// 7 when absent.
    package var days: Int32?
    /// Of the station, as if it were kept to.
    package var capacity: Int32?

    package init(policy: AccessPolicy, days: Int32? = nil, capacity: Int32? = nil) {
        self.policy = policy
        self.days = days
        self.capacity = capacity
    }

    package static let schema = Schema.object(
        "AccessPolicyTrialDraft", "A policy to be tried on the entries that were asked for",
        [
            .required("policy", AccessPolicy.schema),
            .optional("days", .integer(1...31), "How far back; 7 when absent"),
            .optional("capacity", .integer(1...100_000), "Of the station, tried as if it were kept to"),
        ])
}

/// What a policy would have changed: each entry judged again at its own time.
package struct AccessPolicyTrial: Codable, Sendable, APIType {
    package struct ByReason: Codable, Hashable, Sendable {
        package let reason: String
        package let scans: Int64
        package let members: Int64
    }

    package struct ByWorkerKind: Codable, Hashable, Sendable {
        package let workerKind: String
        package let scans: Int64
        package let members: Int64
    }

    /// Entries whose answer would have been another one.
    package struct Change: Codable, Hashable, Sendable {
        package var scans: Int64 = 0
        /// Distinct ones.
        package var members: Int64 = 0
        package var byReason: [ByReason] = []
        package var byWorkerKind: [ByWorkerKind] = []
        /// The newest of them, at most 20.
        package var requestIds: [String] = []

        static let schema = Schema.object(
            "AccessPolicyTrialChange", "Entries whose answer would have been another one",
            [
                .required("scans", AccessPolicyTrial.count),
                .required("members", AccessPolicyTrial.count, "Distinct ones"),
                .required(
                    "byReason",
                    .array(
                        of: .object(
                            "ByReason", "For one reason; an entry may have several",
                            [
                                .required("reason", .string(1...100)), .required("scans", AccessPolicyTrial.count),
                                .required("members", AccessPolicyTrial.count),
                            ]), 0...100)),
                .required(
                    "byWorkerKind",
                    .array(
                        of: .object(
                            "ByWorkerKind", "Of one worker kind",
                            [
                                .required("workerKind", .oneOf(WorkerKind.rawValues)), .required("scans", AccessPolicyTrial.count),
                                .required("members", AccessPolicyTrial.count),
                            ]), 0...100)),
                .required("requestIds", .array(of: .uuid, 0...20), "The newest of them"),
            ])
    }

    package let days: Int32
    /// Entries asked for.
    package var scans: Int64 = 0
    package var members: Int64 = 0
    /// Entries let in then.
    package var admittedScans: Int64 = 0
    package var admittedMembers: Int64 = 0
    /// Let in then; would be refused, and for what.
    package var newlyRefused = Change()
    /// Refused then, and for what; would be let in.
    package var newlyAdmitted = Change()
    /// As setting it would give.
    package var warnings: [PolicyWarning] = []

    static let count = Schema.integer(0...Int64.max)

    package static let schema = Schema.object(
        "AccessPolicyTrial",
        "What a policy would have changed: each entry judged again at its own time, with what its member had done until then",
        [
            .required("days", .integer(1...31)),
            .required("scans", count, "Entries asked for"),
            .required("members", count),
            .required("admittedScans", count, "Entries let in then"),
            .required("admittedMembers", count),
            .required("newlyRefused", Change.schema, "Let in then; would be refused, and for what"),
            .required("newlyAdmitted", Change.schema, "Refused then, and for what; would be let in"),
            .required("warnings", PolicyWarning.listSchema, "As setting it would give"),
        ])
}
