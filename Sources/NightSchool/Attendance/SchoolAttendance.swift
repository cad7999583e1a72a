import Crypto
import HTTP
import Postgres
import Registry
import Runtime
import Scheduler

/// Attendance, what follows from it, certificates and feedback, as `NightSchool` puts them together.
struct SchoolAttendance: Sendable {
    let scans: LessonScanStore
    let rolls: LessonRollStore
    let lent: LentSeatStore
    let standings: StandingStore
    let section: PersonalDataSection
    let routes: [Route]
    let jobs: [Job]

    /// - Parameter keys: prove codes, and make those of certificates.
    init(database: Database, registry: Registry, desk: SchoolDesk, list: ClassListStore, keys: Keys, clock: Clock) {
        let offset = clock.offsetMicroseconds
        let scans = LessonScanStore(database, clock: clock)
        let rolls = LessonRollStore(database: database, clockOffsetMicroseconds: offset)
        let lent = LentSeatStore(database: database, clockOffsetMicroseconds: offset)
        let standings = StandingStore(database: database, clockOffsetMicroseconds: offset)
        self.scans = scans
        self.rolls = rolls
        self.lent = lent
        self.standings = standings
        let certificates = CertificateStore(database: database, clockOffsetMicroseconds: offset)
        let feedback = FeedbackStore(database: database, clockOffsetMicroseconds: offset)
        section = AttendancePersonStore(standings: standings, certificates: certificates, feedback: feedback).section
        let (members, people) = (registry.members, LessonPeople(members: registry.members))
        routes =
            AttendanceRuleRoutes(
                desk: desk, rules: AttendanceRuleStore(database: database, clockOffsetMicroseconds: offset)
            ).all
            + LessonDeskRoutes(
                list: list, rolls: rolls, scans: scans, reader: LessonCodeReader(keys), people: people,
                publicKeys: LessonDeskRoutes.publicKeys(keys), clock: clock
            ).all
            + LessonRollRoutes(desk: desk, list: list, rolls: rolls, people: people, members: members).all
            + ClassroomDeviceRoutes(desk: desk, rooms: ClassroomStore(database), rolls: rolls, devices: registry.devices).all
            + OwnLessonRoutes(rolls: rolls, lent: lent, members: members).all
            + StandingRoutes(desk: desk, standings: standings, people: people, members: members).all
            + CertificateRoutes(
                desk: desk, list: list, certificates: certificates, members: members, people: people,
                codes: PaperCode(keys, prefix: "WSC1:", purpose: "waystation completion certificate"),
                limiter: SubmissionLimiter(clock: clock)
            ).all
            + FeedbackRoutes(list: list, teachers: TeacherStore(database), rolls: rolls, feedback: feedback, members: members).all
        jobs =
            AttendanceJobs(
                database: database, rolls: rolls, lent: lent,
                notices: AttendanceNotices(
                    database: database, lent: lent, standings: standings, members: members, outbox: registry.outbox)
            ).all
    }
}
