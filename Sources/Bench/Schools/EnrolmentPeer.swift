import Postgres

/// The peer of enrolments: one transaction each, that locks the class, looks for a clash and at the cap, and writes the seat or the place
/// in the queue. Lean tables with no more than what that needs.
enum EnrolmentPeer {
    static func prepare(_ database: Database) async throws {
        try await database.inTransaction { transaction in
            try await transaction.script(
                """
                create table naive_class (
                    class_id integer primary key, capacity integer not null, seated integer not null, waiting integer not null,
                    check (seated <= capacity)
                );
                create table naive_lesson (
                    class_id integer not null, number integer not null, starts_at timestamptz not null, ends_at timestamptz not null,
                    primary key (class_id, number)
                );
                create table naive_enrolment (
                    enrolment_id bigint generated always as identity primary key, member_id bigint not null, class_id integer not null,
                    place integer not null, enrolled_at timestamptz not null default now(), unique (member_id, class_id)
                );
                """)
        }
    }

    /// Empty classes with the lessons that ours have.
    static func fill(_ database: Database, classes: Int32, seats: Int32) async throws {
        try await database.inTransaction { transaction in
            try await transaction.script(
                """
                truncate naive_class, naive_lesson, naive_enrolment;
                insert into naive_class select n, \(seats), 0, 0 from generate_series(1, \(classes)) n;
                insert into naive_lesson
                select n, week, start, start + interval '2 hours'
                from generate_series(1, \(classes)) n
                cross join generate_series(1, \(EnrolmentHouse.lessons)) week
                cross join lateral (select timestamptz '2030-01-07 19:00+08' + make_interval(days => 7 * week + n % 5) as start) time;
                """)
        }
        _ = try await database.query("analyze naive_class, naive_lesson, naive_enrolment")
    }

    static let script = #"""
        \set member random(1, :members)
        \set class random(1, :classes)
        begin;
        select seated < capacity as has_seat, waiting + 1 as place from naive_class where class_id = :class for update \gset
        select count(*) < 4 and count(*) filter (where class_id = :class) = 0 and not exists (
            select from naive_enrolment held
            join naive_lesson taken on taken.class_id = held.class_id
            join naive_lesson wanted on wanted.class_id = :class and wanted.starts_at < taken.ends_at and taken.starts_at < wanted.ends_at
            where held.member_id = :member and held.place = 0) as is_fine
        from naive_enrolment where member_id = :member \gset
        \if :is_fine
        \if :has_seat
        insert into naive_enrolment (member_id, class_id, place) values (:member, :class, 0);
        update naive_class set seated = seated + 1 where class_id = :class;
        \else
        insert into naive_enrolment (member_id, class_id, place) values (:member, :class, :place);
        update naive_class set waiting = waiting + 1 where class_id = :class;
        \endif
        \endif
        commit;
        """#
}
