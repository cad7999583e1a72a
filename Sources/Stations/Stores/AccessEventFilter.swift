import HTTP
package import Postgres

/// Which scans of a station are asked for: the same days, hours and kinds that its figures count; nil asks for all.
package struct AccessEventFilter: Hashable, Sendable {
    /// The first and the last day, on the station's clock.
    package var from: CalendarDate?
    package var to: CalendarDate?
    /// 0 to 23 on the station's clock.
    package var hour: Int32?
    /// 1, Monday, to 7.
    package var weekday: Int32?
    package var result: Result?

    /// What came of a scan, as the figures count it.
    package enum Result: String, CaseIterable, Sendable, ParameterValue {
        /// Let in; an entry that was taken back is none.
        case entered
        /// Let out by a scan or by the night.
        case left
        case refused
    }

    package init() {}
}
