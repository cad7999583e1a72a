import HTTP
import Registry
import Runtime

/// Draws as everybody may check them.
struct DrawRoutes: Sendable {
    let maker: DrawMaker

    private static let id = Parameter.path("id", .id, "The draw; a class names it")

    var all: [Route] { [read, auditFile] }

    private var read: Route {
        Route(
            .get, "/v1/public/school-draws/{id}", summary: "A draw of seats: the commitment to its lottery, once drawn the secret",
            tag: SchoolDesk.tag, access: .anyone, parameters: [Self.id],
            responses: [.json(200, SchoolDrawAnswer.self, "The draw, without anything of a person")],
            problems: SchoolDesk.reading + [SchoolProblem.drawUnknown]
        ) { request in
            guard let answer = try await maker.answer(request.parameter("id")) else { throw Problem(SchoolProblem.drawUnknown) }
            return .json(answer)
        }
    }

    private var auditFile: Route {
        Route(
            .get, "/v1/public/school-draws/{id}/audit-file",
            summary: "Everything the result of a draw follows from, by tickets; waystation verify checks it", tag: SchoolDesk.tag,
            access: .anyone, parameters: [Self.id], responses: [.text(200, "The audit file")],
            problems: SchoolDesk.reading + [SchoolProblem.drawUnknown, SchoolProblem.notDrawn]
        ) { request in
            let id: ID<SchoolDraw> = request.parameter("id")
            guard try await maker.draws.find(id) != nil else { throw Problem(SchoolProblem.drawUnknown) }
            guard let bytes = try await maker.auditFile(of: id) else { throw Problem(SchoolProblem.notDrawn) }
            return Response.stream(contentType: "text/plain; charset=utf-8") { writer in
                for start in stride(from: 0, to: bytes.count, by: 65_536) {
                    try await writer.write(Array(bytes[start..<min(start + 65_536, bytes.count)]))
                }
            }
        }
    }
}
