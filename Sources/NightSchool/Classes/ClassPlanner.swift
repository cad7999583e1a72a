import HTTP
import Postgres
import Registry
import Runtime

/// A class with its lessons as they are to be.
struct ClassPlan: Sendable {
    /// The class; of one that is yet to be made a negative number of its own.
    let owner: Int64
    let title: String
    var facts: SchoolClassFacts
    let lessons: [LessonTime]
    /// Where it stands in the body.
    let pointer: String
}

/// Looks at classes together, a single one or a whole catalogue: all that is wrong with any of them, in one answer.
struct ClassPlanner: Sendable {
    let rooms: ClassroomStore
    let teachers: TeacherStore
    let lessons: LessonStore

    /// More are not told.
    static let faultsMax = 200

    /// A lesson that changes its time or its place.
    typealias Leaving = (classID: ID<SchoolClass>, number: Int16?)

    /// What keeps the plans from being made. Holds their rooms, then their teachers, each by rising numbers, so that what is found free
    /// stays free to the end of the transaction.
    /// - Parameter leaving: whose lessons are about to go, all of a class or one.
    func faults(
        _ plans: [ClassPlan], of school: ID<School>, leaving: Leaving? = nil, in querying: any Querying
    ) async throws(PostgresError) -> [Violation] {
        let rooms = try await rooms.hold(Set(plans.compactMap(\.facts.roomId)), in: querying)
        let teachers = try await teachers.hold(Set(plans.compactMap(\.facts.teacherId)), for: school, in: querying)
        var faults: [Violation] = []
        for plan in plans {
            faults += plan.facts.faults(plan.lessons, at: plan.pointer)
            if let id = plan.facts.roomId { faults += Self.faults(of: plan, in: rooms[id], of: school) }
            if let id = plan.facts.teacherId { faults += Self.faults(of: plan, by: teachers[id]) }
        }
        faults += try await clashes(plans, leaving, in: querying)
        return Array(faults.prefix(Self.faultsMax))
    }

    private static func faults(of plan: ClassPlan, in room: Classroom?, of school: ID<School>) -> [Violation] {
        guard let room, room.schoolId == school else {
            return [
                Violation("school.room_not_there", pointer: "\(plan.pointer)/roomId", zh: "本校没有这间教室", en: "The school has no such room")
            ]
        }
        guard plan.facts.capacity > room.seats else { return [] }
        return [
            Violation(
                "school.room_too_small", pointer: "\(plan.pointer)/roomId", zh: "教室 \(room.site) \(room.name) 只有 \(room.seats) 个座位",
                en: "\(room.site) \(room.name) has \(room.seats) seats")
        ]
    }

    private static func faults(of plan: ClassPlan, by teacher: Teacher?) -> [Violation] {
        let place = "\(plan.pointer)/teacherId"
        guard let teacher else {
            return [Violation("school.teacher_not_there", pointer: place, zh: "本校没有这位老师", en: "The school has no such teacher")]
        }
        let out = plan.lessons.map(\.day).filter { day in !teacher.offices.contains { $0.contains(day) } }
        guard let first = out.first else { return [] }
        return [
            Violation(
                "school.teacher_out_of_office", pointer: place, zh: "\(teacher.name)老师 \(first) 不在聘期内（共 \(out.count) 节课）",
                en: "\(teacher.name) is not in office on \(first), \(out.count) lessons in all")
        ]
    }

    // MARK: Clashes

    private func clashes(
        _ plans: [ClassPlan], _ leaving: Leaving?, in querying: any Querying
    ) async throws(PostgresError) -> [Violation] {
        let asked = plans.indices.flatMap { plan in plans[plan].lessons.indices.map { (plan: plan, lesson: $0) } }
        guard !asked.isEmpty else { return [] }
        let found = try await lessons.clashes(
            asked.map { place in
                let (plan, time) = (plans[place.plan], plans[place.plan].lessons[place.lesson])
                return LessonStore.Asked(
                    owner: plan.owner, time: time, roomID: plan.facts.roomId, teacherID: plan.facts.teacherId)
            }, leaving: leaving, in: querying)
        return found.map { clash in
            let (plan, time) = (plans[asked[clash.ordinal].plan], plans[asked[clash.ordinal].plan].lessons[asked[clash.ordinal].lesson])
            let other: String
            if let ordinal = clash.otherOrdinal {
                let (plan, lesson) = (plans[asked[ordinal].plan], asked[ordinal].lesson)
                other = "《\(plan.title)》\(plan.facts.label) #\(lesson + 1), \(plan.lessons[lesson].day) \(plan.lessons[lesson].from)"
            } else {
                other = clash.standing
            }
            return Self.violation(clash.kind, time, other, at: plan.pointer)
        }
    }

    private static func violation(_ kind: LessonStore.Clash.Kind, _ time: LessonTime, _ other: String, at pointer: String) -> Violation {
        let when = "\(time.day) \(time.from)"
        switch kind {
        case .room:
            return Violation(
                "school.room_clash", pointer: "\(pointer)/roomId", zh: "\(when)：教室已有课 \(other)", en: "\(when): the room has \(other)")
        case .teacher:
            return Violation(
                "school.teacher_clash", pointer: "\(pointer)/teacherId", zh: "\(when)：老师已有课 \(other)",
                en: "\(when): the teacher has \(other)")
        case .class:
            return Violation(
                "school.class_clash", pointer: "\(pointer)/pattern", zh: "\(when)：本班已有课 \(other)", en: "\(when): the class has \(other)")
        }
    }
}
