package import Postgres
package import Runtime

extension CalendarDate {
    /// Today in China, which has one time zone and no summer time. What hangs on days otherwise is counted by the database.
    package static func inChina(_ clock: Clock) -> CalendarDate {
        CalendarDate(daysSince1970: Int((clock.nowSeconds + 8 * 3_600) / 86_400))
    }

    /// The day that it was in China at `time`.
    package static func inChina(_ time: Timestamp) -> CalendarDate {
        CalendarDate(daysSince1970: Int((time.microseconds + 8 * 3_600_000_000) / 86_400_000_000))
    }
}
