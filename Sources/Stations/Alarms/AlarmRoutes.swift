package import HTTP
import Postgres
import Registry
import Runtime

/// Controllers say that they are alive; people see alarms and say what they did about them.
struct AlarmRoutes: Sendable {
    let alarms: AlarmStore

    var all: [Route] { [heartbeat, list, handling(.acknowledge), handling(.close)] }

    private var heartbeat: Route {
        Route(
            .post, "/v1/access-points/{id}/heartbeat", summary: "Says that a controller is alive and how it fares", tag: "Alarms",
            access: .permission(RegistryPermission.scansCreate),
            parameters: [.path("id", .id, "An access point that the device serves")],
            body: .json(Heartbeat.self, limitBytes: 4_096),
            responses: [.json(200, HeartbeatAnswer.self, "Heard")],
            problems: [
                StationProblem.accessPointForeign, StationProblem.deviceOnly, StationProblem.invalid, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            guard let device = request.principal as? DevicePrincipal else { throw Problem(StationProblem.deviceOnly) }
            let heartbeat = try request.json(Heartbeat.self)
            guard let occurredAt = Timestamp(dateTime: heartbeat.occurredAt), occurredAt.microseconds >= 0 else {
                throw Problem(
                    StationProblem.invalid,
                    violations: [
                        Violation(
                            "access.occurred_before_1970", pointer: "/occurredAt", zh: "设备时间早于 1970 年",
                            en: "The device's time is before 1970")
                    ])
            }
            guard
                let receivedAt = try await alarms.heard(
                    heartbeat, occurredAt: occurredAt, from: device.deviceID, at: request.parameter("id"))
            else { throw Problem(StationProblem.accessPointForeign) }
            return .json(HeartbeatAnswer(receivedAt: receivedAt.description))
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/alarms", summary: "Lists alarms, the newest first", tag: "Alarms",
            access: .permission(RegistryPermission.stationsRead),
            parameters: [
                .query("state", .oneOf(["open", "closed", "all"]), "open, acknowledged or not, by default"),
                .query("stationId", .id, "Only this station's"),
            ] + PageCursor.parameters,
            responses: [.json(200, AlarmList.self, "Alarms of the stations one may see")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (before, limit) = PageCursor.read(request, of: Alarm.self)
            var filter = AlarmStore.Filter(station: request.optionalParameter("stationId"))
            switch request.optionalParameter("state", as: String.self) {
            case "closed": filter.isOpen = false
            case "all": filter.isOpen = nil
            default: filter.isOpen = true
            }
            let found = try await alarms.list(
                filter, scope: request.scope(of: RegistryPermission.stationsRead), before: before, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(AlarmList(items: items, next: next))
        }
    }

    private func handling(_ handling: AlarmStore.Handling) -> Route {
        Route(
            .post, "/v1/alarms/{id}/\(handling.rawValue)",
            summary: handling == .acknowledge ? "Says that somebody is on an alarm" : "Closes an alarm", tag: "Alarms",
            access: .permission(RegistryPermission.stationsOperate),
            parameters: [.path("id", .id, "The alarm")],
            body: .json(AlarmNote.self, limitBytes: 4_096),
            responses: [.json(200, Alarm.self, "The alarm as it is now")],
            problems: [StationProblem.alarmUnknown, StationProblem.alarmClosed, RegistryProblem.databaseUnavailable]
        ) { request in
            let note = try request.json(AlarmNote.self).note
            return .json(
                try await alarms.handle(
                    request.parameter("id"), handling, note: note, request, scope: request.scope(of: RegistryPermission.stationsOperate)))
        }
    }
}

extension AlarmStore.HandlingError: ProblemRepresentable {
    package var problem: Problem {
        switch self {
        case .unknown: Problem(StationProblem.alarmUnknown)
        case .closedBefore: Problem(StationProblem.alarmClosed)
        }
    }
}
