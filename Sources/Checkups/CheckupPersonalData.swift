import HTTP
import Postgres
import Registry
import Runtime

/// What checkups keep of a person: places at vans, check-ins, and that a report is ready. What a report says is never kept.
struct CheckupPersonalData: Sendable {
    let own: OwnCheckupStore
    let people: CheckupPersonStore

    private struct Kept: Encodable, Sendable {
        let places: [OwnCheckup]
        let events: [CheckupPersonStore.Entry]
    }

    var section: PersonalDataSection {
        PersonalDataSection("checkups") { ids, querying in
            Kept(
                places: try await own.places(of: ids, .zh, in: querying), events: try await people.entries(of: ids, in: querying))
        } erase: { ids, querying in
            try await people.forget(ids, in: querying)
        }
    }
}
