import HTTP
import Postgres
import Registry
import Runtime

extension ReportStore.Reminder {
    /// What the person is told. It names no finding, for none is known here; whoever reads over a shoulder learns of an appointment.
    var notice: MemberNotice {
        var parameters = ["site": site, "day": dueOn.description]
        let text: Localized
        switch kind {
        case .appointment:
            parameters["time"] = time
            text = Localized(
                zh: "体检提醒：\(dueOn) \(time)，\(site)。请带会员码；不能来请提前退回名额。",
                en: "Your checkup: \(dueOn) \(time), \(site). Bring your member code; if you cannot come, give the place back before.")
        case .reportReady:
            text = Localized(zh: "您的体检报告已出，请登录查看领取方式。", en: "Your checkup report is ready: sign in to see how to get it.")
        case .followUp, .followUpDue:
            let what = (followUp ?? .callBack).text
            parameters["what"] = what.zh
            text = Localized(
                zh: "体检后续提醒：\(what.zh)。办理后请在手机上确认。", en: "After your checkup: \(what.en). Confirm it on your phone once it is done.")
        }
        return MemberNotice("checkup_\(kind.rawValue)", text, subject: "program:\(programID)", parameters: parameters)
    }
}

/// Tells people of their appointments, reports and follow-ups, each once.
struct CheckupReminders: Sendable {
    let reports: ReportStore
    let members: MemberStore
    let outbox: OutboxStore

    private static let atOnce = 100
    /// After so long nobody wants the message any more.
    private static let validSeconds: Int64 = 86_400

    /// One run of the job.
    func run() async throws -> Bool {
        let told = try await reports.database.transaction { transaction in
            let due = try await reports.takeReminders(limit: Self.atOnce, in: transaction)
            for reminder in due {
                try await outbox.emit(
                    "checkup.\(reminder.kind.rawValue)", subject: "member:\(reminder.memberID)", organization: reminder.organizationID,
                    data: Told(programId: reminder.programID.rawValue, memberId: reminder.memberID.rawValue), in: transaction)
                let phone = try await members.member(reminder.memberID, in: transaction)?.person?.phone
                try await outbox.tell(
                    reminder.notice, to: reminder.memberID, phone: phone, validSeconds: Self.validSeconds, in: transaction)
            }
            return due.count
        }
        return told == Self.atOnce
    }

    private struct Told: Encodable, Sendable {
        let programId: Int64
        let memberId: Int64
    }
}
