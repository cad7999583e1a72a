import Allocation

/// The axioms about what changes when one thing changes.
extension Axioms {
    /// A9: no other list brings anybody a better session.
    static func lists(_ instance: Instance, _ rule: Rule) -> String? {
        let truth = rule(instance)
        for place in instance.people.indices where instance.regret(place, truth.sessions[place]) > 0 {
            for list in BruteForce.lists(instance.people[place].wishes) {
                var changed = instance
                changed.people[place].wishes = list
                if isBetter(rule(changed).sessions[place], truth.sessions[place], for: place, instance) {
                    return "\(place) fares better with the list \(list)"
                }
            }
        }
        return nil
    }

    /// A10: hiding groups never brings a better session.
    static func groups(_ instance: Instance, _ rule: Rule) -> String? {
        let truth = rule(instance)
        for place in instance.people.indices where instance.regret(place, truth.sessions[place]) > 0 {
            let own = instance.people[place].groups
            for shown in 0..<own where shown & ~own == 0 {
                var changed = instance
                changed.people[place].groups = shown
                if isBetter(rule(changed).sessions[place], truth.sessions[place], for: place, instance) {
                    return "\(place) fares better showing only the groups \(String(shown, radix: 2))"
                }
            }
        }
        return nil
    }

    /// A12: one place up in the common order never hurts.
    static func improvement(_ instance: Instance, _ rule: Rule) -> String? {
        let truth = rule(instance)
        for place in instance.people.indices.dropFirst() {
            var changed = instance
            changed.people.swapAt(place, place - 1)
            if isBetter(truth.sessions[place], rule(changed).sessions[place - 1], for: place, instance) {
                return "\(place) is hurt by moving up"
            }
        }
        return nil
    }

    /// A13: when somebody leaves beforehand nobody else fares worse.
    static func leaver(_ instance: Instance, _ rule: Rule) -> String? {
        let truth = rule(instance)
        for leaver in instance.people.indices {
            var changed = instance
            changed.people.remove(at: leaver)
            let after = rule(changed)
            for place in instance.people.indices where place != leaver {
                let now = after.sessions[place < leaver ? place : place - 1]
                if isBetter(truth.sessions[place], now, for: place, instance) { return "\(place) is hurt when \(leaver) leaves" }
            }
        }
        return nil
    }

    /// A14: another seat, and another place, hurt nobody.
    static func extraSeat(_ instance: Instance, _ rule: Rule) -> String? {
        let truth = rule(instance)
        for session in instance.sessions.indices {
            var changed = instance
            changed.sessions[session].capacity += 1
            changed.quota += 1
            let after = rule(changed)
            for place in instance.people.indices where isBetter(truth.sessions[place], after.sessions[place], for: place, instance) {
                return "\(place) is hurt by another seat at \(session)"
            }
        }
        return nil
    }

    private static func isBetter(_ session: Int?, _ other: Int?, for place: Int, _ instance: Instance) -> Bool {
        instance.regret(place, session) < instance.regret(place, other)
    }
}
