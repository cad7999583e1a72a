import HTTP
package import Postgres
package import Programs
package import Registry
package import Runtime

/// A whole term, brought in at once.
extension ClassLife {
    /// Makes all of it, or nothing and says everything that is wrong.
    package func bring(
        _ body: CatalogueBody, into term: ID<SchoolTerm>, within scope: Scope = .everything, by actor: ProgramLife.Actor,
        in querying: any Querying
    ) async throws -> CatalogueAnswer {
        guard let term = try await schools.term(term, within: scope, isHeld: true, in: querying),
            let school = try await schools.school(term.schoolId, within: scope, in: querying)
        else { throw Problem(SchoolProblem.termUnknown) }
        let known = try await planner.rooms.categories(of: school.id, in: querying).map(\.code)
        let now = try await classes.now(in: querying)
        var faults: [Violation] = []
        var plans: [(plan: ClassPlan, course: Int)] = []
        for (index, entry) in body.courses.enumerated() {
            let place = "/courses/\(index)"
            if !known.contains(entry.course.category) { faults.append(CourseBody.categoryFault(known, at: "\(place)/category")) }
            var labels: Set<String> = []
            for (number, facts) in entry.classes.enumerated() {
                let pointer = "\(place)/classes/\(number)"
                if !labels.insert(facts.label).inserted {
                    faults.append(
                        Violation("school.label_twice", pointer: "\(pointer)/label", zh: "班名重复", en: "Another class of the course has it"))
                }
                let (times, own) = facts.pattern.lessons(in: term.days, at: "\(pointer)/pattern")
                faults += own
                let lessons = own.isEmpty ? times : []
                if body.publish == true { faults += facts.faultsToPublish(lessons, now: now, at: pointer) }
                let owner = -Int64(plans.count + 1)
                plans.append(
                    (ClassPlan(owner: owner, title: entry.course.title, facts: facts, lessons: lessons, pointer: pointer), index))
            }
        }
        faults += try await planner.faults(plans.map(\.plan), of: school.id, in: querying)
        try SchoolDesk.check(Array(faults.prefix(ClassPlanner.faultsMax)))
        return try await write(body, plans, into: term, of: school, by: actor, in: querying)
    }

    private func write(
        _ body: CatalogueBody, _ plans: [(plan: ClassPlan, course: Int)], into term: SchoolTerm, of school: School,
        by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> CatalogueAnswer {
        let courseIDs = try await courses.create(body.courses.map(\.course), of: school.id, by: actor.subject, in: querying)
        let ids = try await classes.create(
            plans.map { (plan: $0.plan, course: courseIDs[$0.course]) }, in: term, by: actor.subject, querying: querying)
        try await lessons.create(
            zip(ids, plans).map { LessonStore.Draft(classID: $0, facts: $1.plan.facts, lessons: $1.plan.lessons) }, in: querying)
        try await classes.note("created", on: ids, by: actor.subject, in: querying)
        if body.publish == true {
            try await classes.publish(ids, in: querying)
            let mismatched = Set(try await draws.open(ids, in: querying))
            try SchoolDesk.check(zip(ids, plans).filter { mismatched.contains($0.0) }.map { DrawMaker.mismatch(at: $1.plan.pointer) })
            try await classes.note("published", on: ids, by: actor.subject, in: querying)
        }
        let answer = CatalogueAnswer(
            courses: courseIDs.count, classes: ids.count, lessons: plans.reduce(0) { $0 + $1.plan.lessons.count }, courseIds: courseIDs,
            classIds: ids)
        let subject = "school_term:\(term.id)"
        try await audit.record(
            "school_term.catalogue_brought", subject: subject, organization: school.organizationId,
            details: [
                "courses": "\(answer.courses)", "classes": "\(answer.classes)", "lessons": "\(answer.lessons)",
                "published": "\(body.publish == true)",
            ], actor: actor.subject, requestID: actor.requestID, in: querying)
        try await outbox.emit(
            "school_term.catalogue_brought", subject: subject, organization: school.organizationId,
            data: CatalogueTold(termId: term.id, classIds: ids, isPublished: body.publish == true), in: querying)
        return answer
    }
}

/// What receivers of webhooks get of it.
private struct CatalogueTold: Codable, Sendable {
    let termId: ID<SchoolTerm>
    let classIds: [ID<SchoolClass>]
    let isPublished: Bool
}
