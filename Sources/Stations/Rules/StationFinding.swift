import HTTP

/// What is found of a station's new hours, with its numbers. Visitors are the members who came in during the last seven days.
enum StationFinding: Hashable, Sendable {
    /// No minute of the week is open.
    case noHourOpen(visitors: Int64)
    /// No door is ever open while the station is.
    case noDoorOpen(visitors: Int64)
    /// It promises to be open round the clock, and is closed for so many minutes of the week.
    case promisesMore(closedMinutes: Int64, visitors: Int64)
    /// They came at times that would be closed.
    case refusesVisitors(Int64, of: Int64)

    static let allCodes = ["station.no_hour_open", "station.no_door_open", "station.promises_more", "station.refuses_visitors"]

    static let listSchema = Schema.array(
        of: .object(
            "StationWarning", "What should be known of a station's hours before they meet people",
            [
                .required("code", .oneOf(allCodes)), .required("text", .string(1...300), "In the language asked for"),
                .required("members", .integer(0...Int64.max), "How many it concerns"),
            ]), 0...20)

    /// What is to be said of a change, the gravest first; nothing when it does not touch hours or promise.
    /// - Parameters:
    ///   - visitors: all, and those who came when the new hours are closed.
    ///   - doors: the policies of its access points.
    static func of(
        _ facts: StationFacts, before: StationFacts, doors: [AccessPolicy], visitors: (all: Int64, refused: Int64)
    ) -> [StationFinding] {
        var findings: [StationFinding] = []
        if facts.opening != before.opening || facts.timeZone != before.timeZone {
            if !facts.opening.isEverOpen {
                findings.append(.noHourOpen(visitors: visitors.all))
            } else if isShut(doors, facts.opening), !isShut(doors, before.opening) {
                findings.append(.noDoorOpen(visitors: visitors.all))
            } else if visitors.refused > 0 {
                findings.append(.refusesVisitors(visitors.refused, of: visitors.all))
            }
        }
        let closed = facts.opening.openMinutesOfWeek.count { !$0 }
        if facts.promisedOpen, closed > 0, facts.opening != before.opening || !before.promisedOpen {
            findings.append(.promisesMore(closedMinutes: Int64(closed), visitors: visitors.all))
        }
        return findings
    }

    /// Whether there are doors that let people in, but none of them while the station is open.
    private static func isShut(_ doors: [AccessPolicy], _ opening: OpeningHours) -> Bool {
        let entrances = doors.filter { $0.isOpen && $0.directions != .outward }
        return !entrances.isEmpty
            && !entrances.contains { door in
                door.opening.hasOpenException || opening.hasOpenException || OpeningHours.everOpen(door.opening, and: opening)
            }
    }

    /// Whether nobody at all could enter although the station says that it is open: somebody has to confirm it.
    var locksEveryoneOut: Bool {
        switch self {
        case .noHourOpen, .noDoorOpen: true
        case .promisesMore, .refusesVisitors: false
        }
    }

    private var code: String {
        switch self {
        case .noHourOpen: "station.no_hour_open"
        case .noDoorOpen: "station.no_door_open"
        case .promisesMore: "station.promises_more"
        case .refusesVisitors: "station.refuses_visitors"
        }
    }

    private var members: Int64 {
        switch self {
        case .noHourOpen(let visitors), .noDoorOpen(let visitors), .promisesMore(_, let visitors): visitors
        case .refusesVisitors(let refused, _): refused
        }
    }

    private var text: Localized {
        switch self {
        case .noHourOpen(let visitors):
            Localized(
                zh: "驿站一周之内没有任何时间开放；近七日来过的 \(visitors) 名会员将全部无法进入",
                en: "No hour of the week is open: all \(visitors) members who came in the last seven days could not enter")
        case .noDoorOpen(let visitors):
            Localized(
                zh: "驿站开放时没有任何门开放；近七日来过的 \(visitors) 名会员将全部无法进入",
                en: "No door is ever open while the station is: all \(visitors) members who came in the last seven days could not enter")
        case .promisesMore(let closed, let visitors):
            Localized(
                zh: "驿站承诺全天开放，但每周有 \(closed) 分钟关闭；近七日有 \(visitors) 名会员来过",
                en: "It promises to be open round the clock and is closed for \(closed) minutes of the week; "
                    + "\(visitors) members came in the last seven days")
        case .refusesVisitors(let refused, let visitors):
            Localized(
                zh: "近七日来过的 \(visitors) 名会员中，有 \(refused) 名来的时候将关闭",
                en: "Of the \(visitors) members who came in the last seven days, \(refused) came when it would be closed")
        }
    }

    func warning(_ language: Language) -> PolicyWarning {
        PolicyWarning(code: code, text: text[language], members: members)
    }

    /// As a reason of the refusal that asks for a confirmation.
    var violation: Violation { Violation(code, pointer: "/hours", zh: text.zh, en: text.en) }
}
