package import Postgres

/// In JSON `2026-11-21`, as the schema `date` lets it through.
extension CalendarDate: Codable {
    package init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        guard let day = CalendarDate(text: try box.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: box, debugDescription: "no day")
        }
        self = day
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.singleValueContainer()
        try box.encode(description)
    }
}

/// In JSON RFC 3339 in UTC, as the schema `dateTime` lets it through.
extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        guard let time = Timestamp(dateTime: try box.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: box, debugDescription: "no time")
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.singleValueContainer()
        try box.encode(description)
    }
}
