import Postgres
import Registry
import Runtime

/// What the stations keep of a person: visits, and what opens doors beside the code. On erasure cards end and nothing of a card's number
/// stays; visits stay with the member's number, for the figures. On a
/// merge everything that opens doors passes to the one who goes on; rotating codes of the other are the survivor's at the door.
struct StationPersonalData: Sendable {
    let passages: PassageStore
    let credentials: CredentialStore

    private static let pageVisits = 500

    var sections: [PersonalDataSection] {
        [
            PersonalDataSection("visits") { ids, _ in
                var visits: [MemberVisit] = []
                var cursor: TimeCursor?
                repeat {
                    let page = try await passages.visits(of: ids, before: cursor, limit: Self.pageVisits)
                    visits += page.map(\.visit)
                    cursor = page.count == Self.pageVisits ? page.last?.cursor : nil
                } while cursor != nil
                return visits
            },
            PersonalDataSection("credentials") { ids, _ in
                var all: [AccessCredential] = []
                for id in ids { all += try await credentials.list(of: id, after: nil, limit: 1_000) }
                return all
            } erase: { ids, querying in
                try await credentials.forget(ids, in: querying)
            } merge: { ended, survivor, querying in
                try await credentials.pass(from: ended, to: survivor, in: querying)
            },
        ]
    }
}
