import HTTP
import Postgres
import Registry
import Runtime

/// The catalogue as everybody sees it: classes with their free seats, and their timetables.
struct PublicClassRoutes: Sendable {
    let list: ClassListStore
    let lessons: LessonStore

    var all: [Route] { [classes, one, calendar] }

    private var classes: Route {
        Route(
            .get, "/v1/public/classes", summary: "The catalogue: classes that were published, with their free seats", tag: SchoolDesk.tag,
            access: .anyone, parameters: ClassRoutes.filters, responses: [.json(200, ClassList.self, "A page")],
            problems: SchoolDesk.reading
        ) { request in
            let (after, limit) = PageCursor.read(request, of: SchoolClass.self)
            var filter = ClassRoutes.filter(request)
            filter.isPublic = true
            let (items, next) = PageCursor.page(try await list.list(filter, after: after, limit: limit + 1), limit: limit, id: \.id)
            return .json(ClassList(items: items.map(\.asPublic), next: next))
        }
    }

    private func sheet(_ request: Request) async throws -> ClassSheet {
        var filter = ClassListStore.Filter()
        filter.isPublic = true
        guard let found = try await list.find(request.parameter("id"), filter) else { throw Problem(SchoolProblem.classUnknown) }
        return ClassSheet(found, try await lessons.lessons(of: found.id)).asPublic
    }

    private var one: Route {
        Route(
            .get, "/v1/public/classes/{id}", summary: "One class of the catalogue with its lessons", tag: SchoolDesk.tag, access: .anyone,
            parameters: [ClassRoutes.id], responses: [.json(200, ClassSheet.self, "The class")],
            problems: SchoolDesk.reading + [SchoolProblem.classUnknown]
        ) { request in
            .json(try await sheet(request))
        }
    }

    private var calendar: Route {
        Route(
            .get, "/v1/public/classes/{id}/calendar.ics", summary: "A class's lessons as a calendar that can be subscribed to",
            tag: SchoolDesk.tag, access: .anyone, parameters: [ClassRoutes.id],
            responses: [.bytes(200, ["text/calendar"], "RFC 5545, times in UTC")],
            problems: SchoolDesk.reading + [SchoolProblem.classUnknown]
        ) { request in
            let sheet = try await sheet(request)
            return Response.text(ClassCalendar.file(sheet).text, contentType: "text/calendar; charset=utf-8")
                .with("Content-Disposition", "attachment; filename=\"class-\(sheet.schoolClass.id).ics\"")
                .with("Cache-Control", "no-cache")
        }
    }
}
