import HTTP
import Postgres
import Registry
import Testing

/// What a night school holds against somebody is no door's business.
struct StandingDoorTests {
    @Test func `who has a lower priority at a night school goes in and out as before`() async throws {
        try await withService { service in
            let town = try await Newcomer(service)
            for door in 0...1 { await town.setPolicy(#""admitsProvisional":false"#, at: door) }
            #expect(await town.send(.patch, "/v1/organizations/\(town.west)", #"{"joinRule":"automatic"}"#).status == 200)
            let code = try await town.joinCode(of: town.west)
            let joined = try await town.send(.post, "/v1/join/\(code)/applications", Newcomer.form(), bearer: nil)
                .json(Newcomer.Application.self)
            let secret = try #require(joined.secret)
            #expect(try await town.scan(try #require(joined.card).text, at: 0).open)
            _ = try await service.database.query(
                """
                with school as (
                    insert into school (organization_id, name, created_by) values (\(town.city), '夜校', 'test') returning school_id
                ),
                term as (
                    insert into school_term (school_id, name, starts_on, ends_on, created_by)
                    select school_id, '春季', current_date - 90, current_date + 9, 'test' from school returning school_id, term_id
                ),
                course as (
                    insert into course (school_id, category_id, title, created_by)
                    select school_id, (select min(category_id) from course_category), '书法', 'test' from school returning course_id
                ),
                class as (
                    insert into school_class (
                        school_id, term_id, course_id, label, kind, enrolment_mode, pattern, first_at, last_until, created_by, created_at)
                    select school_id, term_id, course_id, '一班', 'class', 'first_come', '{}', now() - interval '80 days',
                        now() - interval '1 day', 'test', now()
                    from term, course returning class_id, course_id, term_id, school_id
                ),
                enrolled as (
                    insert into enrolment (
                        member_id, term_id, course_id, state, class_id, wishes, request_id, answer, enrolled_by, enrolled_at, changed_at)
                    select \(joined.memberId), term_id, course_id, 'seated', class_id, array[class_id], gen_random_uuid(), 'seated',
                        'test', now(), now()
                    from class returning enrolment_id, class_id, term_id
                )
                insert into enrolment_standing (
                    school_id, term_id, class_id, member_id, enrolment_id, kind, absences, threshold, from_on, until_on, created_at)
                select school_id, class.term_id, class.class_id, \(joined.memberId), enrolment_id, kind, 3, 3, current_date,
                    current_date + 300, now()
                from class, enrolled, unnest(array['warning', 'lower_priority']) as kind
                """)
            func fresh() async throws -> String {
                let now = try await town.send(.get, "/v1/join-application", bearer: secret).json(Newcomer.Application.self)
                return try #require(now.card).text
            }
            #expect(try await town.refusals(try await fresh(), at: 0, "out") == [])
            #expect(try await town.refusals(try await fresh(), at: 1) == [])
            let standings: Int64 = try await service.database.query("select count(*) from enrolment_standing")[0].decode(0)
            #expect(standings == 2)
        }
    }
}
