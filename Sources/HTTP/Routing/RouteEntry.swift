/// A route made ready for serving: what can be worked out once is worked out here.
final class RouteEntry: Sendable {
    let route: Route
    let figures: RouteFigures

    /// Names of the path parameters in the template's order.
    let pathNames: [String]
    let pathParameters: [Parameter]
    let queryParameters: [Parameter]
    let headerParameters: [Parameter]

    /// The media types of its successful responses.
    let producedTypes: [String]

    init(_ route: Route) {
        self.route = route
        figures = RouteFigures(method: route.method.rawValue, template: route.template)
        pathNames = route.template.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
        let declared = route.parameters.filter { $0.place == .path }
        precondition(
            Set(declared.map(\.name)) == Set(pathNames) && declared.count == pathNames.count,
            "\(route.template) declares its path parameters, each once")
        pathParameters = pathNames.flatMap { name in declared.filter { $0.name == name } }
        queryParameters = route.parameters.filter { $0.place == .query }
        headerParameters = route.parameters.filter { $0.place == .header }
        var types: [String] = []
        for response in route.responses where response.status < 400 {
            for type in response.contentTypes where !types.contains(type) { types.append(type) }
        }
        producedTypes = types
    }

    /// The largest body it takes.
    var bodyBytesMax: Int { route.body.limitBytes }

    var isImmediate: Bool {
        if case .immediate = route.handler { return true }
        return false
    }

    var streamsBody: Bool {
        if case .stream = route.body.kind { return true }
        return false
    }
}
