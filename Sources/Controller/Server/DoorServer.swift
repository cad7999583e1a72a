import Crypto
import FoundationEssentials
import HTTPClient
import Runtime

/// The server as the controller calls it: one connection, blocking, for one thread.
final class DoorServer {
    /// What came of a question.
    enum Asked: Sendable {
        case answered(DoorAnswer)
        /// The key is ended, or the controller does not serve this door.
        case shutOut
        /// No network, no time, no sense: the controller decides alone.
        case unanswered
    }

    enum Uploaded: Sendable {
        /// Every entry was told; those refused with their reason.
        case told(refused: [(requestID: String, reason: String)])
        /// Not as a whole: smaller pages may do.
        case tooMuch
        case shutOut
        case unanswered
    }

    enum Synced: Sendable {
        case news(ServerMessages.Sync, asked: ClockReading, answered: ClockReading)
        case shutOut
        case unanswered
    }

    private let client: HTTPClient
    private let accessPoint: Int64
    private let link: Link
    private let readClock: @Sendable () -> ClockReading

    init(_ place: ServerPlace, link: Link, readClock: @escaping @Sendable () -> ClockReading) throws(HTTPClientError) {
        client = try HTTPClient(
            baseURL: place.url, bearer: place.key, connectTimeout: .seconds(3), trustedCertificates: place.trustedCertificates)
        accessPoint = place.accessPoint
        self.link = link
        self.readClock = readClock
    }

    // MARK: Calls

    /// Asks whether the door opens.
    func ask(_ scan: DoorScan, within deadline: Duration) -> Asked {
        let body = ServerMessages.Scan(
            code: scan.code, accessPointId: accessPoint, direction: scan.direction,
            occurredAt: ServerMessages.dateTime(scan.moment.microseconds), requestId: scan.requestID.description)
        guard let response = call("POST", "/v1/access/scans", body, within: deadline) else { return .unanswered }
        if response.status == 200, let answer = decoded(ServerMessages.ScanAnswer.self, response) {
            return .answered(
                DoorAnswer(isOpen: answer.open, reasons: answer.reasons.map(\.code), relayMilliseconds: answer.relayMilliseconds))
        }
        return isShutOut(response) ? .shutOut : .unanswered
    }

    /// Tells decisions that were taken alone, in their order.
    func upload(_ entries: [ServerMessages.JournalEntry]) -> Uploaded {
        let body = ServerMessages.Upload(accessPointId: accessPoint, entries: entries)
        guard let response = call("POST", "/v1/access/journal", body, within: .seconds(20)) else { return .unanswered }
        if response.status == 200, let answer = decoded(ServerMessages.UploadAnswer.self, response), answer.results.count == entries.count {
            return .told(refused: answer.results.compactMap { result in result.reason.map { (result.requestId, $0) } })
        }
        if isShutOut(response) { return .shutOut }
        return [400, 413, 422].contains(response.status) ? .tooMuch : .unanswered
    }

    /// Asks for policy, keys and refusals; with a version only what has changed since.
    func sync(since version: Int64?) -> Synced {
        let query = version.map { "?version=\($0)" } ?? ""
        let asked = readClock()
        guard let response = call("GET", "/v1/access-points/\(accessPoint)/sync\(query)", nil as String?, within: .seconds(10)) else {
            return .unanswered
        }
        let answered = readClock()
        if response.status == 200, let news = decoded(ServerMessages.Sync.self, response) {
            return .news(news, asked: asked, answered: answered)
        }
        return isShutOut(response) ? .shutOut : .unanswered
    }

    /// Says that the controller lives; false when nobody heard.
    func beat(_ heartbeat: ServerMessages.Heartbeat) -> Bool {
        let path = "/v1/access-points/\(accessPoint)/heartbeat"
        return call("POST", path, heartbeat, within: .seconds(10)).map { (200..<300).contains($0.status) } ?? false
    }

    /// The server's time to half a second, by the date of whatever it answers.
    func time(within deadline: Duration) -> (microseconds: Int64, asked: ClockReading, answered: ClockReading)? {
        let asked = readClock()
        guard let date = call("GET", "/healthz", nil as String?, within: deadline)?.header("Date"),
            let time = microseconds(httpDate: date)
        else { return nil }
        return (time, asked, readClock())
    }

    /// Trades a pairing code for a key; the same idempotency key gets the same answer, so a lost one may be asked for again.
    static func pair(
        _ url: String, code: String, idempotencyKey: String, trustedCertificates: String?
    ) throws(ControllerError) -> String {
        do {
            let client = try HTTPClient(baseURL: url, trustedCertificates: trustedCertificates)
            let body = Array(try JSONEncoder().encode(ServerMessages.Pairing(pairingCode: code)))
            let headers = [("Content-Type", "application/json"), ("Idempotency-Key", idempotencyKey)]
            let response = try client.send("POST", "/v1/devices", headers: headers, body: body, deadline: .seconds(15))
            guard response.status == 201 else {
                throw ControllerError("the server refused the pairing code (status \(response.status)): ask for another one")
            }
            return try JSONDecoder().decode(ServerMessages.Paired.self, from: Data(response.body)).key
        } catch let error as ControllerError {
            throw error
        } catch {
            throw ControllerError("pairing failed: \(error)")
        }
    }

    // MARK: Below

    private func call(_ method: String, _ path: String, _ body: (some Encodable)?, within deadline: Duration) -> HTTPClientResponse? {
        guard !link.isCut else { return nil }
        do {
            let bytes = try body.map { Array(try JSONEncoder().encode($0)) }
            let headers = body == nil ? [] : [("Content-Type", "application/json")]
            let response = try client.send(method, path, headers: headers, body: bytes, deadline: deadline)
            // A cable that was pulled meanwhile carries no answer either.
            return link.isCut ? nil : response
        } catch {
            link.note(error)
            return nil
        }
    }

    private func decoded<Message: Decodable>(_ type: Message.Type, _ response: HTTPClientResponse) -> Message? {
        do { return try JSONDecoder().decode(type, from: Data(response.body)) } catch {
            link.note(error)
            return nil
        }
    }

    /// Only the server's own words end a controller's service: a hotel's login page may answer 401 as well.
    private func isShutOut(_ response: HTTPClientResponse) -> Bool {
        guard response.status == 401 || response.status == 403, let problem = decoded(ServerMessages.Problem.self, response) else {
            return false
        }
        return ["auth.token_invalid", "auth.not_permitted", "access.access_point_foreign"].contains(problem.code)
    }
}
