package import HTTP

/// The problems of the stations' routes. A door that stays shut is none of them: that is an answer, with its `AccessReason`s.
package enum StationProblem {
    package static let stationUnknown = ProblemType("station.unknown", 404, zh: "没有这个驿站", en: "There is no such station")
    package static let accessPointUnknown = ProblemType(
        "access.access_point_unknown", 404, zh: "没有这个门", en: "There is no such access point")
    package static let invalid = ProblemType("station.invalid", 422, zh: "内容有误", en: "Something in it is not right")
    package static let policyChanged = ProblemType(
        "access.policy_changed", 412, zh: "门禁规则已被他人更改，请重新读取", en: "The policy was changed meanwhile: read it again")
    package static let policyLocksEveryoneOut = ProblemType(
        "access.policy_locks_everyone_out", 409, zh: "按此规则没有任何人能进入；确认无误请带 confirm=true 重试",
        en: "Nobody at all could enter by this policy: if it is meant, ask again with confirm=true")
    package static let stationChanged = ProblemType(
        "station.changed", 412, zh: "驿站信息已被他人更改，请重新读取", en: "The station was changed meanwhile: read it again")
    package static let hoursLockEveryoneOut = ProblemType(
        "station.hours_lock_everyone_out", 409, zh: "按此开放时间没有任何人能进入；确认无误请带 confirm=true 重试",
        en: "Nobody at all could enter by these hours: if it is meant, ask again with confirm=true")
    package static let accessPointForeign = ProblemType(
        "access.access_point_foreign", 403, zh: "此设备不负责这个门", en: "This device does not serve that access point")
    package static let deviceOnly = ProblemType("access.device_only", 403, zh: "只有门口的设备可以刷码", en: "Only a station's device may scan")
    package static let requestIDReused = ProblemType(
        "access.request_id_reused", 409, zh: "此请求编号已用于另一次刷码", en: "The request id was used for another scan")
    package static let alarmUnknown = ProblemType("station.alarm_unknown", 404, zh: "没有这个警报", en: "There is no such alarm")
    package static let alarmClosed = ProblemType("station.alarm_closed", 409, zh: "警报已经关闭", en: "The alarm is closed already")

    /// All of them, for the pinned list.
    package static let all =
        [
            stationUnknown, stationChanged, accessPointUnknown, invalid, policyChanged, policyLocksEveryoneOut, hoursLockEveryoneOut,
            accessPointForeign, deviceOnly, requestIDReused, alarmUnknown, alarmClosed,
        ] + CredentialProblem.all
}
