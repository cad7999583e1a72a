/// A calendar file (RFC 5545): events in UTC, that phones take over as they are.
package struct CalendarFile: Sendable {
    package struct Event: Sendable {
        /// As calendars show it; a cancelled one stays in the file, so that it leaves calendars that have it.
        package enum Status: String, Sendable {
            case tentative = "TENTATIVE"
            case confirmed = "CONFIRMED"
            case cancelled = "CANCELLED"
        }

        /// The same for ever, so that a file taken anew replaces the event.
        let uid: String
        /// Grows with every change.
        let sequence: Int32
        let changedAt: String
        let startsAt: String
        let endsAt: String
        let summary: String
        let location: String
        let description: String
        let latitude: Double?
        let longitude: Double?
        let status: Status
        /// Whether it tells where a person will be.
        let isPrivate: Bool

        /// - Parameters:
        ///   - uid: the same for ever.
        ///   - sequence: grows with every change.
        ///   - changedAt: RFC 3339 in UTC, as the other times.
        package init(
            uid: String, sequence: Int32, changedAt: String, startsAt: String, endsAt: String, summary: String, location: String,
            description: String, latitude: Double? = nil, longitude: Double? = nil, status: Status, isPrivate: Bool = true
        ) {
            self.uid = uid
            self.sequence = sequence
            self.changedAt = changedAt
            self.startsAt = startsAt
            self.endsAt = endsAt
            self.summary = summary
            self.location = location
            self.description = description
            self.latitude = latitude
            self.longitude = longitude
            self.status = status
            self.isPrivate = isPrivate
        }
    }

    let product: String
    let events: [Event]

    /// - Parameter product: what made it, a word for PRODID: `Checkups`.
    package init(product: String, events: [Event]) {
        self.product = product
        self.events = events
    }

    /// The whole file, lines ended by CR LF.
    package var text: String {
        var lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Waystation//\(product)//ZH", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
        for event in events {
            lines += [
                "BEGIN:VEVENT", "UID:\(Self.escaped(event.uid))", "DTSTAMP:\(Self.time(event.changedAt))", "SEQUENCE:\(event.sequence)",
                "DTSTART:\(Self.time(event.startsAt))", "DTEND:\(Self.time(event.endsAt))",
                "SUMMARY;LANGUAGE=zh:\(Self.escaped(event.summary))",
                "LOCATION;LANGUAGE=zh:\(Self.escaped(event.location))", "DESCRIPTION;LANGUAGE=zh:\(Self.escaped(event.description))",
            ]
            if let latitude = event.latitude, let longitude = event.longitude { lines.append("GEO:\(latitude);\(longitude)") }
            lines += ["STATUS:\(event.status.rawValue)", "CLASS:\(event.isPrivate ? "PRIVATE" : "PUBLIC")", "END:VEVENT"]
        }
        lines.append("END:VCALENDAR")
        return lines.map { Self.folded($0) + "\r\n" }.joined()
    }

    /// `20260511T000000Z` from RFC 3339 in UTC; parts of a second are left out (section 3.3.5).
    package static func time(_ dateTime: String) -> String {
        String(dateTime.prefix(19).filter { $0 != "-" && $0 != ":" }) + "Z"
    }

    /// TEXT, section 3.3.11; control characters that it may not hold are left out.
    package static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case ";": escaped += "\\;"
            case ",": escaped += "\\,"
            case "\n": escaped += "\\n"
            case "\u{0}"..."\u{1F}", "\u{7F}": continue
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// Lines of at most 75 octets, of which the space that begins a continued one is the first; no character is torn (section 3.1).
    package static func folded(_ line: String) -> String {
        var folded = ""
        var octets = 0
        for scalar in line.unicodeScalars {
            let width = UTF8.width(scalar)
            if octets + width > 75 {
                folded += "\r\n "
                octets = 1
            }
            folded.unicodeScalars.append(scalar)
            octets += width
        }
        return folded
    }
}
