import HTTP
import Postgres
import Registry
import Runtime
import Scheduler

extension PolicyReminderStore.Reminder {
    /// What the person is told. It names no product: whoever reads over a shoulder learns of a policy and a day.
    var notice: MemberNotice {
        let text =
            switch kind {
            case .acceptDue:
                Localized(
                    zh: "您有一份保障待确认，请在 \(dueOn) 前登录接受，逾期退回。",
                    en: "A policy waits for you: sign in and accept it by \(dueOn), or it goes back.")
            case .coverEnds: Localized(zh: "您的一份保障将于 \(dueOn) 结束。", en: "One of your policies ends on \(dueOn).")
            }
        return MemberNotice("policy_\(kind.rawValue)", text, subject: "policy:\(policyID)", parameters: ["day": dueOn.description])
    }
}

/// Tells people that a policy waits for them or ends, each once.
struct PolicyReminders: Sendable {
    let reminders: PolicyReminderStore
    let members: MemberStore
    let outbox: OutboxStore

    private static let batchesAtOnce = 20
    private static let atOnce = 100
    /// After so long nobody wants the message any more.
    private static let validSeconds: Int64 = 86_400

    var job: Job {
        Job("insurance.reminders", every: .seconds(60)) { fence in
            var isMore = false
            let due = try await reminders.due(limit: Self.batchesAtOnce)
            for batch in due where try await remind(batch, fence) { isMore = true }
            return isMore || due.count == Self.batchesAtOnce ? .more : .idle
        }
    }

    /// - Returns: whether somebody of the batch may be left.
    private func remind(_ batch: ID<InsuranceBatch>, _ fence: JobFence) async throws -> Bool {
        try await reminders.database.inTransaction { transaction in
            try await fence.hold(in: transaction)
            let due = try await reminders.take(batch, limit: Self.atOnce, in: transaction)
            for reminder in due {
                try await outbox.emit(
                    "policy.\(reminder.kind.rawValue)", subject: "member:\(reminder.memberID)", organization: reminder.organizationID,
                    data: Told(policyId: reminder.policyID, batchId: batch, memberId: reminder.memberID), in: transaction)
                let phone = try await members.member(reminder.memberID, in: transaction)?.person?.phone
                try await outbox.tell(
                    reminder.notice, to: reminder.memberID, phone: phone, validSeconds: Self.validSeconds, in: transaction)
            }
            if due.count == Self.atOnce { return true }
            try await reminders.reminded(batch, in: transaction)
            return false
        }
    }

    private struct Told: Encodable, Sendable {
        let policyId: ID<Policy>
        let batchId: ID<InsuranceBatch>
        let memberId: ID<Member>
    }
}
