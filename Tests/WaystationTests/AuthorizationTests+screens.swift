extension AuthorizationTests {
    /// What the small screens ask for besides: of workers, devices and organizers.
    static let screens: [String: Set<Caller>] = [
        "GET /v1/me/codes": [.member],
        "GET /v1/me/messages": [.member],
        "POST /v1/me/messages/read": [.member],
        "GET /v1/device": [.door, .guard, .van, .venue, .classroom],
        "GET /v1/device/keys": [.door, .guard, .van, .venue, .classroom],
        "GET /v1/device/access-points": [.door, .guard],
        "GET /v1/device/visits": [.owner, .van],
        "GET /v1/desk/decisions": owner,
        "GET /v1/station-board": owner,
        "GET /v1/station-board/events": owner,
    ]
}
