import Crypto
import Registry
import Runtime
import Stations

/// Who may sign in at the demo's pages: two organizers by a password, workers by their phones, tablets by pairing codes.
struct DemoAccounts: Sendable {
    struct State: Codable, Sendable {
        /// Of both organizers; a second one, because nobody reviews a run of their own.
        var password: String
    }

    /// A worker in whose name there is something to see.
    struct Worker: Sendable {
        let phone: String
        let about: String
    }

    static let organizers = ["demo", "demo reviewer"]
    private let house: House

    init(_ house: House) {
        self.house = house
    }

    /// Gives both organizers a password, where they have none.
    func prepare(_ state: State?) async throws -> State {
        if let state { return state }
        let state = State(password: Hex.encode(SecureRandom.bytes(6)))
        for name in Self.organizers {
            // The first is there already; to be made again gives it one token more, which nobody is shown.
            _ = try await house.registry.accounts.createOwner(name: name)
            try await house.registry.signIns.setPassword(state.password, ofAccount: name)
        }
        return state
    }

    /// The demo's workers with what each of them has.
    func workers(_ state: DemoState) async throws -> [Worker] {
        var found: [(id: Int64, about: String)] = [(state.memberID, "stations, a code")]
        if let year = state.year { found += [(year.guest, "a place at the van"), (year.asker, "no place, and asks why")] }
        if let gifts = state.gifts { found.append((gifts.member, "a policy")) }
        if let learner = state.school?.learner { found.append((learner, "an evening class")) }
        if let winter = state.winter { found.append((winter.member, "coupons")) }
        var workers: [Worker] = []
        for (id, about) in found {
            guard let phone = try await house.registry.members.member(ID(id))?.person?.phone else { continue }
            workers.append(Worker(phone: phone.text, about: about))
        }
        return workers
    }

    /// New pairing codes, one for each kind of device, good for a day.
    func pairings() async throws -> [(profile: DeviceProfile, code: String)] {
        var made: [(DeviceProfile, String)] = []
        for profile in DeviceProfile.allCases {
            let pairing = try await house.registry.devices.createPairing(
                name: DemoTablets.prefix + profile.rawValue, profile: profile, by: "command:demo", validitySeconds: 86_400)
            made.append((profile, pairing.code))
        }
        return made
    }
}
