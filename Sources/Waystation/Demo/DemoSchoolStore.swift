import Postgres
import Registry
import Runtime

/// What the demo's school needs of the database beyond what members may ask.
struct DemoSchoolStore: Sendable {
    let database: Database

    /// Offers that wait for an answer.
    func offers(in term: Int64) async throws(PostgresError) -> [(member: Int64, enrolment: Int64)] {
        try await database.query("select member_id, enrolment_id from enrolment where term_id = \(term) and state = 'offered'").map {
            row throws(PostgresError) in (try row.decode(0), try row.decode(1))
        }
    }

    /// Seats taken, persons who wait, and applications to draws.
    func account(of term: Int64) async throws(PostgresError) -> (seated: Int, waiting: Int, applied: Int) {
        let row = try await database.query(
            """
            select
                count(*) filter (where state = 'seated')::integer, count(*) filter (where state = 'waitlisted')::integer,
                count(*) filter (where state = 'applied')::integer
            from enrolment where term_id = \(term)
            """
        ).single
        return (try row.decode(0), try row.decode(1), try row.decode(2))
    }

    /// Somebody who waits, and somebody with a seat.
    func examples(in term: Int64) async throws(PostgresError) -> (waiter: (member: Int64, enrolment: Int64)?, learner: Int64?) {
        let waiter = try await database.query(
            """
            select member_id, enrolment_id from enrolment
            where term_id = \(term) and state = 'waitlisted' order by queue_number desc limit 1
            """
        ).first.map { row throws(PostgresError) in (member: try row.decode(0, as: Int64.self), enrolment: try row.decode(1, as: Int64.self))
        }
        let learner = try await database.query(
            "select member_id from enrolment where term_id = \(term) and state = 'seated' order by enrolment_id limit 1"
        ).first.map { row throws(PostgresError) in try row.decode(0, as: Int64.self) }
        return (waiter, learner)
    }
}
