package import HTTP
package import Registry
package import Runtime

/// Visits of a time, broken down.
package struct VisitReport: Codable, Sendable, APIType {
    package let from: String
    package let to: String
    package let by: String
    package let asOf: String
    package let total: VisitAnswer
    package let items: [VisitAnswer]

    package static let schema = Schema.object(
        "VisitReport", "Visits of a time, broken down",
        [
            .required("from", .date, "The first day"),
            .required("to", .date, "The last day"),
            .required("by", .oneOf(VisitGrouping.allCases.map(\.rawValue))),
            .required("asOf", .dateTime, "Every scan answered before this moment is counted; usually it is a second or two ago"),
            .required("total", VisitAnswer.schema, "Of all items"),
            .required("items", .array(of: VisitAnswer.schema, 0...100_000), "In order of their keys; what nobody visited is left out"),
        ])
}

/// One line of a report.
package struct VisitAnswer: Codable, Sendable, APIType {
    package let key: String
    package let organizationId: ID<Organization>?
    package let stationId: ID<Station>?
    package let name: String?
    package let entries: Int64
    package let exits: Int64
    package let automaticExits: Int64
    package let refused: Int64
    package let dwell: Dwell

    /// How long visitors stayed.
    package struct Dwell: Codable, Sendable {
        package let visits: Int64
        package let meanSeconds: Int64?
        package let medianSeconds: Int64?
        package let p90Seconds: Int64?
        package let p99Seconds: Int64?
    }

    init(
        _ figures: VisitFigures, key: String, organization: ID<Organization>? = nil, station: ID<Station>? = nil, name: String? = nil
    ) {
        self.key = key
        organizationId = organization
        stationId = station
        self.name = name
        entries = figures.entries
        exits = figures.exits
        automaticExits = figures.automaticExits
        refused = figures.refused
        dwell = Dwell(
            visits: figures.dwells.count, meanSeconds: figures.dwells.meanSeconds,
            medianSeconds: figures.dwells.percentileSeconds(0.5), p90Seconds: figures.dwells.percentileSeconds(0.9),
            p99Seconds: figures.dwells.percentileSeconds(0.99))
    }

    private static let count = Schema.integer(0...Int64.max)

    package static let schema = Schema.object(
        "VisitFigures", "Visits, counted",
        [
            .required(
                "key", .string(0...64),
                "hour: 00 to 23 on the station's clock; weekday: 1 (Monday) to 7; weekday_hour: 1-00 to 7-23; day: its date; worker_kind; "
                    + "organization or station: its id; unknown where nobody was named; empty for the total"),
            .optional("organizationId", .id, "by=organization: the visitors'"),
            .optional("stationId", .id, "by=station: where they came"),
            .optional("name", .string(1...200), "by=organization, by=station: its name"),
            .required("entries", count, "People let in: the visitors"),
            .required("exits", count, "People let out by a scan"),
            .required("automaticExits", count, "Visits that the night ended because no exit was scanned"),
            .required("refused", count, "Scans refused"),
            .required(
                "dwell",
                .object(
                    "VisitDwell", "How long visitors stayed; of visits that a scan ended",
                    [
                        .required("visits", count),
                        .optional("meanSeconds", count),
                        .optional("medianSeconds", count, "From counts in eleven lengths up to 8 hours, evenly spread in each"),
                        .optional("p90Seconds", count),
                        .optional("p99Seconds", count),
                    ])),
        ])
}
