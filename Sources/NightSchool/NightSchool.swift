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
        let life = ClassLife(
            classes: classes, list: list, lessons: lessons, enrolments: enrolments, courses: courses, schools: schools,
            planner: ClassPlanner(rooms: rooms, teachers: teachers, lessons: lessons), audit: registry.audit, outbox: registry.outbox)
        self.schools = schools
        self.classes = classes
        self.list = list
        self.lessons = lessons
        self.enrolments = enrolments
        self.life = life
        let desk = SchoolDesk(schools: schools, audit: registry.audit, idempotency: registry.idempotency)
        let views = LessonViewCounter(database, clock: clock)
        let attendance = SchoolAttendance(database: database, registry: registry, desk: desk, list: list, keys: keys, clock: clock)
        self.attendance = attendance
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
            + EnrolmentRoutes(enrolments: enrolments).all
            + attendance.routes
        jobs = ClassJobs(life: life).all + attendance.jobs
        registry.persons.sections.add(
            PersonalDataSection("schools") { ids, querying in
                SchoolPersonalData(
                    teaching: try await teachers.entries(of: ids, in: querying),
                    enrolments: try await enrolments.entries(of: ids, in: querying))
            } erase: { ids, querying in
                try await teachers.pass(ids, to: nil, in: querying)
            } merge: { ended, survivor, querying in
                try await teachers.pass([ended], to: survivor, in: querying)
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
