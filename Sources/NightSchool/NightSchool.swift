package import Crypto
package import HTTP
package import Postgres
import Programs
package import Registry
package import Runtime
package import Scheduler

/// The night schools, as `waystation` puts them together: schools and their terms, teachers, courses, classes, lessons
/// and enrolments.
package struct NightSchool: Sendable {
    package let schools: SchoolStore
    package let classes: ClassStore
    package let list: ClassListStore
    package let lessons: LessonStore
    package let enrolments: EnrolmentStore
    package let draws: DrawMaker
    package let life: ClassLife
    let attendance: SchoolAttendance
    package let routes: [Route]
    package let jobs: [Job]

    /// - Parameter clock: decides, by its offset, about everything that begins and ends.
    package init(database: Database, registry: Registry, keys: Keys, clock: Clock) {
        let schools = SchoolStore(database, clock: clock)
        let rooms = ClassroomStore(database)
        let teachers = TeacherStore(database)
        let courses = CourseStore(database)
        let classes = ClassStore(database, clock: clock)
        let list = ClassListStore(database)
        let lessons = LessonStore(database, clock: clock)
        let enrolments = EnrolmentStore(database, clock: clock)
        let draws = DrawMaker(
            draws: DrawStore(database, clock: clock), audit: registry.audit, outbox: registry.outbox, sealer: Sealer(keys))
        let life = ClassLife(
            classes: classes, list: list, lessons: lessons, enrolments: enrolments, courses: courses, schools: schools,
            planner: ClassPlanner(rooms: rooms, teachers: teachers, lessons: lessons), draws: draws,
            cuts: SeatCutStore(clockOffsetMicroseconds: clock.offsetMicroseconds), audit: registry.audit, outbox: registry.outbox)
        self.schools = schools
        self.classes = classes
        self.list = list
        self.lessons = lessons
        self.enrolments = enrolments
        self.draws = draws
        self.life = life
        let desk = SchoolDesk(schools: schools, audit: registry.audit, idempotency: registry.idempotency)
        let timetable = TimetableStore(database: database, clockOffsetMicroseconds: clock.offsetMicroseconds)
        let views = LessonViewCounter(database, clock: clock)
        let attendance = SchoolAttendance(database: database, registry: registry, desk: desk, list: list, keys: keys, clock: clock)
        self.attendance = attendance
        registry.decisions.add(SchoolDecisionStore.all)
        routes =
            SchoolRoutes(desk: desk).all
            + TermRoutes(desk: desk).all
            + ClassroomRoutes(desk: desk, rooms: rooms).all
            + TeacherRoutes(desk: desk, teachers: teachers).all
            + CourseRoutes(desk: desk, courses: courses, rooms: rooms).all
            + ClassRoutes(desk: desk, life: life).all
            + CatalogueRoutes(desk: desk, life: life).all
            + LessonRoutes(desk: desk, life: life, views: views).all
            + PublicClassRoutes(list: list, lessons: lessons).all
            + SeatCutRoutes(desk: desk, life: life).all
            + SeatListRoutes(list: list, seats: SeatListStore(database: database), members: registry.members).all
            + DrawRoutes(maker: draws).all
            + EnrolmentRoutes(
                enrolments: enrolments, whys: EnrolmentWhyStore(database: database)
            ).all
            + attendance.routes
            + SchoolFigureRoutes(desk: desk, figures: SchoolFigureStore(database: database)).all
            + TimetableRoutes(timetable: timetable, members: registry.members, clock: clock).all
        jobs = ClassJobs(life: life).all + DrawJobs(maker: draws).all + attendance.jobs
        registry.persons.sections.add(
            PersonalDataSection("schools") { ids, querying in
                SchoolPersonalData(
                    teaching: try await teachers.entries(of: ids, in: querying),
                    enrolments: try await enrolments.entries(of: ids, in: querying))
            } erase: { ids, querying in
                try await teachers.pass(ids, to: nil, in: querying)
                try await timetable.endAddress(of: ids, in: querying)
                // The seats go on to who waits; the rows stay, as numbers.
                try await enrolments.follow(ids, because: "member_erased", by: "job:schools", in: querying)
            } merge: { ended, survivor, querying in
                try await teachers.pass([ended], to: survivor, in: querying)
                try await enrolments.follow([ended], because: "member_merged", by: "job:schools", in: querying)
            })
        // After the enrolments, to which it belongs.
        registry.persons.sections.add(attendance.section)
    }
}

/// What night schools keep of a person.
private struct SchoolPersonalData: Encodable, Sendable {
    let teaching: [Teacher]
    let enrolments: [OwnEnrolment]
}
