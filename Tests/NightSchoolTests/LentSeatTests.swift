import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// Seats of single evenings, from who cannot come to who waits.
@Suite struct LentSeatTests {
    private func offers(_ member: TestMember, _ taught: TaughtClass) async throws -> [LentSeat] {
        try await taught.at(1).send(.get, "/v1/me/lent-seats", bearer: member.token).json(LentSeatList.self).items
    }

    @Test func `an absence announced in time lends the seat to the first who waits, whose place in the queue stays`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 2, waiting: 2)
            let (owner, first, second) = (taught.seated[0], taught.waiting[0], taught.waiting[1])
            #expect(await taught.excuse(first, 1, minutes: -600).problemCode == "school.no_seat_held")
            #expect(await taught.excuse(owner, 1, minutes: -600).status == 200)
            #expect(await taught.excuse(owner, 1, minutes: -599).status == 200, "once more changes nothing")
            let offer = try #require(try await offers(first, taught).first)
            #expect(offer.outcome == .waiting && offer.offeredUntil <= taught.time(1, minutes: -539) && offer.number == 1)
            #expect(try await offers(second, taught).isEmpty)
            #expect(await taught.answer(second, 1, "take", minutes: -590).problemCode == "school.lent_seat_unknown")
            #expect(await taught.answer(first, 1, "take", minutes: -590).status == 200)
            #expect(await taught.answer(first, 1, "take", minutes: -580).status == 200, "taken already")
            let guest = try await taught.scan(first.id, 1, minutes: 0)
            #expect(guest.state == .attended && guest.isGuest)
            #expect(try await taught.scan(first.id, 2, minutes: 0).codes == ["school.no_seat"], "for that evening only")
            #expect(try await taught.scan(owner.id, 1, minutes: 1).codes == ["school.seat_lent"])
            let waits = try await scene.own(first)
            #expect(waits.state == .waitlisted && waits.place == 1)
            let own = await taught.at(1).send(.get, "/v1/me/enrolments/\(waits.id)/attendance", bearer: first.token)
            let marks = try own.json(OwnAttendance.self)
            #expect(marks.rate.percent == nil && marks.marks.map(\.isGuest) == [true], "an evening as a guest counts for no rate")
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `after the deadline nobody is excused, and what is not taken goes on down the queue`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 2, waiting: 3)
            let late = await taught.excuse(taught.seated[0], 1, minutes: -239)
            #expect(late.problemCode == "school.excuse_too_late")
            #expect(try await taught.state(taught.seated[0].id, 1) == nil)
            #expect(await taught.excuse(taught.seated[0], 1, minutes: -241).status == 200)
            let (first, second, third) = (taught.waiting[0], taught.waiting[1], taught.waiting[2])
            #expect(await taught.answer(first, 1, "decline", minutes: -240).status == 200)
            #expect(try await offers(second, taught).first?.outcome == .waiting)
            #expect(await taught.answer(first, 1, "take", minutes: -239).problemCode == "school.lent_seat_over")
            // An hour is over, whether the job has come by or not.
            #expect(await taught.answer(second, 1, "take", minutes: -170).problemCode == "school.lent_seat_over")
            try await taught.at(1, minutes: -169).run()
            #expect(try await offers(second, taught).first?.outcome == .lapsed)
            #expect(try await offers(third, taught).first?.outcome == .waiting)
            // The seat's own person comes after all before anybody said yes.
            #expect(try await taught.scan(taught.seated[0].id, 1, minutes: -30).state == .attended)
            #expect(try await offers(third, taught).first?.outcome == .withdrawn)
            #expect(await taught.answer(third, 1, "take", minutes: -29).problemCode == "school.lent_seat_over")
            let messages: Int64 = try await scene.value("select count(*) from outbox_event where type = 'lesson_seat.offered'")
            #expect(messages == 1, "of who could still answer when the message went out")
        }
    }

    @Test func `one person takes one of two seats at the same hour, and the other goes on`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 1, waiting: 2)
            let other = try await scene.taught(seats: 1, title: "舞蹈", room: "302")
            for member in taught.waiting { _ = try await scene.enrol(member, [other.id]) }
            for one in [taught, other] { #expect(await one.excuse(one.seated[0], 1, minutes: -600).status == 200) }
            let (first, second) = (taught.waiting[0], taught.waiting[1])
            #expect(await taught.answer(first, 1, "take", minutes: -590).status == 200)
            #expect(await other.answer(first, 1, "take", minutes: -590).problemCode == "school.lent_seat_busy")
            #expect(await other.answer(second, 1, "take", minutes: -589).problemCode == "school.lent_seat_unknown", "undone as a whole")
            #expect(await other.answer(first, 1, "decline", minutes: -589).status == 200)
            #expect(await other.answer(second, 1, "take", minutes: -588).status == 200)
        }
    }

    @Test func `one seat has one guest, whoever says yes at once with it being passed on, and one person one hour`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 3, waiting: 6)
            for owner in taught.seated { #expect(await taught.excuse(owner, 1, minutes: -600).status == 200) }
            let other = try await scene.taught(seats: 1, title: "舞蹈", room: "302")
            for member in taught.waiting { _ = try await scene.enrol(member, [other.id]) }
            // The first who waits is asked for both lessons of the same hour.
            #expect(await other.excuse(other.seated[0], 1, minutes: -600).status == 200)
            #expect(try await offers(taught.waiting[0], taught).count == 2)
            let moment = taught.at(1, minutes: -540.5)
            try await withThrowingTaskGroup { group in
                for member in taught.waiting {
                    for id in [taught.id, other.id] {
                        for step in ["take", "decline", "take"] {
                            group.addTask {
                                _ = await moment.send(.post, "/v1/me/classes/\(id)/lessons/1/lent-seat/\(step)", bearer: member.token)
                            }
                        }
                    }
                }
                group.addTask { try await taught.at(1, minutes: -539).run() }
                try await group.waitForAll()
            }
            let seats: Int64 = try await scene.value(
                "select count(*) from lesson_seat where class_id = \(taught.id) and state = 'taken'")
            let guests: Int64 = try await scene.value(
                "select count(distinct guest_member_id) from lesson_seat where class_id = \(taught.id) and state = 'taken'")
            #expect(seats == guests && seats <= 3)
            let twice: Int64 = try await scene.value(
                """
                select count(*) from (
                    select guest_member_id from lesson_seat where state = 'taken' group by guest_member_id having count(*) > 1) twice
                """)
            #expect(twice == 0, "one person in two rooms at one hour")
            let odd: Int64 = try await scene.value(
                """
                select count(*) from lesson_seat seat
                where (select count(*) from lesson_seat_offer asked
                    where asked.class_id = seat.class_id and asked.number = seat.number and asked.enrolment_id = seat.enrolment_id
                        and asked.outcome in ('waiting', 'taken')) <> (seat.state in ('offered', 'taken'))::integer
                """)
            #expect(odd == 0)
        }
    }
}
