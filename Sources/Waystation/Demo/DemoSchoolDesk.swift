import FoundationEssentials
import HTTP
import Runtime

/// The demo's organizer: makes a school and its term by the calls that an organizer's page would make. Blocking.
final class DemoSchoolDesk {
    private let client: BlockingClient
    private let token: String

    private struct Made: Decodable { let id: Int64 }

    private struct Brought: Decodable {
        let lessons: Int
        let classIds: [Int64]
    }

    private struct SchoolDraft: Encodable {
        let organizationId: Int64
        let name: String
    }

    private struct Term: Encodable {
        let name: String
        let startsOn: String
        let endsOn: String
        let enrolmentCap: Int
    }

    private struct Teacher: Encodable {
        struct Office: Encodable { let from: String }

        let organizationId: Int64
        let kind: String
        let name: String
        let offices: [Office]
    }

    init(port: UInt16, token: String) throws(CommandError) {
        do { client = try BlockingClient(port: port, timeoutSeconds: 120) } catch { throw CommandError("the demo's school: \(error)") }
        self.token = token
    }

    /// - Returns: the school, the term, and its classes in the order of the plan.
    func make(_ plan: DemoSchoolPlan, of city: Int64) throws(CommandError) -> (school: Int64, term: Int64, classes: [Int64]) {
        let school: Made = try post("/v1/schools", SchoolDraft(organizationId: city, name: DemoSchool.schoolName))
        let term: Made = try post(
            "/v1/schools/\(school.id)/terms",
            Term(name: "秋季学期", startsOn: plan.firstDay, endsOn: plan.lastDay, enrolmentCap: 3))
        var rooms: [Int64] = []
        for room in plan.rooms { rooms.append(try post("/v1/schools/\(school.id)/rooms", room, as: Made.self).id) }
        var teachers: [Int64] = []
        for (index, name) in DemoSchoolPlan.teacherNames.enumerated() {
            let teacher = Teacher(
                organizationId: city, kind: index % 5 == 0 ? "expert" : "staff", name: name, offices: [.init(from: plan.officeFrom)])
            teachers.append(try post("/v1/teachers", teacher, as: Made.self).id)
        }
        let catalogue = plan.catalogue(rooms: rooms, teachers: teachers)
        let brought: Brought = try post("/v1/school-terms/\(term.id)/catalogue", catalogue)
        guard brought.lessons == 774 else { throw CommandError("the demo's term has \(brought.lessons) lessons") }
        return (school.id, term.id, brought.classIds)
    }

    private func post<Answer: Decodable>(
        _ path: String, _ body: some Encodable, as _: Answer.Type = Answer.self
    ) throws(CommandError) -> Answer {
        do {
            let answer = try client.call(
                .post, path,
                headers: [
                    ("Authorization", "Bearer \(token)"), ("Content-Type", "application/json"), ("Idempotency-Key", UUID().uuidString),
                ], body: Array(try JSONEncoder().encode(body)))
            guard let answer, answer.status == 201 else { throw CommandError("\(path): \(answer?.text.prefix(600) ?? "no answer")") }
            return try JSONDecoder().decode(Answer.self, from: Data(answer.body))
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError("\(path): \(error)")
        }
    }
}
