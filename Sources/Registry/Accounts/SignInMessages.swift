import HTTP
import Postgres
import Runtime

/// Draws the codes that were asked for and hands them over for delivery.
struct SignInMessages: Sendable {
    let database: Database
    let codes: SignInCodeStore
    let attempts: AttemptStore
    let members: MemberStore
    let outbox: OutboxStore
    /// Of a demo, which shows every message in its log.
    let isShown: Bool
    let log: Log

    private static let drawnAtOnce = 50
    private static let forgottenAtOnce = 1_000

    /// One run of the job.
    func run() async throws -> Bool {
        let sent = try await database.transaction { (transaction) async throws(PostgresError) in
            let wanted = try await codes.wanted(limit: Self.drawnAtOnce, in: transaction)
            var shown: [(PhoneNumber, String)] = []
            for request in wanted {
                let members = try await members.members(phoneIndex: request.phoneIndex, in: transaction)
                let code = SignInCode.random()
                guard let member = members.first, let phone = member.person?.phone else {
                    try await codes.draw(nil, for: request, in: transaction)
                    continue
                }
                try await codes.draw(code, for: request, in: transaction)
                let message = Self.message(code, to: phone, in: request.language)
                try await outbox.emitSealed(
                    "message.requested", subject: "member:\(member.id)", organization: nil, data: message,
                    validSeconds: SignInCode.validSeconds, in: transaction)
                shown.append((phone, message.text))
            }
            return (count: wanted.count, shown: shown)
        }
        if isShown {
            for (phone, text) in sent.shown { log.warning("message.shown", ["phone": .text(phone.masked), "text": .text(text)]) }
        }
        let forgotten = try await codes.forget(limit: Self.forgottenAtOnce) + attempts.forget(limit: Self.forgottenAtOnce)
        return sent.count == Self.drawnAtOnce || forgotten >= Self.forgottenAtOnce
    }

    private static func message(_ code: SignInCode, to phone: PhoneNumber, in language: Language) -> OutgoingMessage {
        let minutes = String(SignInCode.validSeconds / 60)
        let text = Localized(
            zh: "【驿站】验证码 \(code.text)，\(minutes) 分钟内有效。请勿告诉他人。",
            en: "Waystation: your code is \(code.text). It holds for \(minutes) minutes. Tell nobody.")
        return OutgoingMessage(
            phone: phone, template: "sign_in_code", language: language.rawValue, parameters: ["code": code.text, "minutes": minutes],
            text: text[language])
    }
}
