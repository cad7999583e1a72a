-- night_school_scan: who is in the room?
--
-- Decides    for each code shown at a lesson whether its member has a seat there, their own or one lent for the evening, at a time at which
--            the lesson takes them, at a device of its room. Attended or late by the true time. Without network what a device recorded is
--            judged by its true times: it may come late, in any order and twice, and of two scans of one person the earliest counts,
--            whichever comes first. A line of the teacher's list stands against scans from before it; "absent" and "excused" give way to
--            one from after it. Who is not seen and was written as absent by the job came after all.
-- Writes     what night_school_record_marks does, and lesson_scan, which holds the answer for its request id.
-- Locks      as night_school_hold_rolls; then access_credential with a PIN by id.
-- Returns    one row per request, to be matched by ordinality, in no order:
--            recorded, with the state | refused, with the reasons; repeated_recorded, repeated_refused: what was answered to this request
--            id before; conflict: the request id was used for something else; lesson_unknown. Whose code it is is told where they have
--            a seat, and the device is the room's.
-- Plan       pinned to keys; what has no key in a join is looked up by lateral (… offset 0).
-- Clock      this database's clock plus clock_offset_us, read after the lock.
create or replace function night_school_scan(
    class_ids bigint[],
    numbers smallint[],
    request_ids uuid[],
    device_ids bigint[],
    member_ids bigint[],
    code_reasons text[],
    credential_kinds text[],
    credential_digests bytea[],
    pin_digests bytea[],
    occurred_ats timestamptz[],
    fingerprints bytea[],
    done_by text[],
    is_offline boolean,
    clock_offset_us bigint)
returns table (
    ordinality integer, outcome text, reasons text[], member_id bigint, state text, is_guest boolean, decided_at timestamptz)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set enable_material = off
set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz;
    moments timestamptz[];
    fresh integer[];
    carded integer[];
    asked record;
    found record;
    -- Of the fresh ones, side by side; the reasons joined by a space.
    positions integer[];
    members bigint[];
    enrolments bigint[];
    guests boolean[];
    states text[];
    failures text[];
begin
    perform night_school_hold_rolls(class_ids, numbers);
    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    moments := array(
        select case when is_offline then input.occurred_at else instant end
        from unnest(occurred_ats) with ordinality as input (occurred_at, n)
        order by input.n);

    select coalesce(array_agg(request.n::integer order by request.n), '{}')
    into fresh
    from (
        select distinct on (input.class_id, input.number, input.request_id) input.*
        from unnest(class_ids, numbers, request_ids) with ordinality as input (class_id, number, request_id, n)
        order by input.class_id, input.number, input.request_id, input.n
    ) request
    cross join lateral (
        select
        from lesson_roll
        where lesson_roll.class_id = request.class_id and lesson_roll.number = request.number
        offset 0
    ) roll
    where not exists (
        select
        from lesson_scan
        where lesson_scan.class_id = request.class_id
            and lesson_scan.number = request.number
            and lesson_scan.request_id = request.request_id);

    perform
    from access_credential
    where access_credential.credential_digest in (
            select credential_digests[card.n] from unnest(fresh) as card (n) where credential_kinds[card.n] in ('card', 'number'))
        and access_credential.pin_digest is not null
    order by access_credential.credential_id
    for no key update;
    -- Those of one moment together: online all of them.
    for asked in
        select moments[card.n] as moment, array_agg(card.n order by card.n) as positions
        from unnest(fresh) as card (n)
        where credential_kinds[card.n] in ('card', 'number')
        group by 1
        order by 1
    loop
        carded := asked.positions;
        for found in
            select credential.*, held.member_id as held_by
            from registry_credentials_find(
                array(select credential_kinds[card.n] from unnest(carded) with ordinality as card (n, place) order by card.place),
                array(select credential_digests[card.n] from unnest(carded) with ordinality as card (n, place) order by card.place),
                array(select pin_digests[card.n] from unnest(carded) with ordinality as card (n, place) order by card.place),
                asked.moment) credential
            left join lateral (
                -- Revoked later than it was shown: it held then.
                select access_credential.member_id
                from access_credential
                where access_credential.credential_digest = credential_digests[carded[credential.ordinality]]
                    and access_credential.kind = credential_kinds[carded[credential.ordinality]]
                    and access_credential.valid_from <= asked.moment
                    and access_credential.revoked_at > asked.moment
                    and (access_credential.valid_until is null or access_credential.valid_until > asked.moment)
                    and (access_credential.pin_digest is null
                        or access_credential.pin_digest = pin_digests[carded[credential.ordinality]]
                        and access_credential.pin_failures < 5)
                offset 0
            ) held on credential.reason in ('card_revoked', 'number_unknown')
        loop
            member_ids[carded[found.ordinality]] := coalesce(found.held_by, found.member_id);
            code_reasons[carded[found.ordinality]] := case when found.held_by is null then 'school.' || found.reason end;
        end loop;
    end loop;

    select
        array_agg(judged.n order by judged.n),
        array_agg(judged.member_id order by judged.n),
        array_agg(judged.enrolment_id order by judged.n),
        array_agg(judged.is_guest order by judged.n),
        array_agg(judged.state order by judged.n),
        array_agg(case when judged.failure = '' and judged.turn > 1 then 'school.already_marked' else judged.failure end order by judged.n)
    into positions, members, enrolments, guests, states, failures
    from (
        select
            looked.*,
            row_number() over (
                partition by class_ids[looked.n], numbers[looked.n], looked.enrolment_id, looked.failure = ''
                order by moments[looked.n], looked.n) as turn
        from (
            select
                request.n, person.member_id, person.enrolment_id, coalesce(person.is_guest, false) as is_guest,
                case
                    when moments[request.n] <= lesson.starts_at + lesson.late_after_minutes * interval '1 minute' then 'attended'
                    else 'late'
                end as state,
                array_to_string(array[
                    code_reasons[request.n],
                    case
                        when device_ids[request.n] is not null and (device.room_id = lesson.room_id) is not true
                            then 'school.device_elsewhere'
                    end,
                    case
                        when lesson.state = 'cancelled' then 'school.lesson_cancelled'
                        when moments[request.n] < lesson.starts_at - lesson.opens_before_minutes * interval '1 minute'
                            then 'school.attendance_not_open'
                        when moments[request.n] > lesson.ends_at then 'school.attendance_closed'
                    end,
                    case when occurred_ats[request.n] > instant + interval '5 seconds' then 'school.occurred_in_future' end,
                    case
                        when code_reasons[request.n] is not null then null
                        -- Of who has a seat where, another room's device learns nothing.
                        when device_ids[request.n] is not null and (device.room_id = lesson.room_id) is not true then null
                        when known.member_id is null then 'school.member_unknown'
                        when person.enrolment_id is null then 'school.no_seat'
                        when person.lent = 'taken' then 'school.seat_lent'
                        when person.mark_source = 'scan' and moments[request.n] >= person.marked_at then 'school.already_marked'
                        when person.mark_source = 'list'
                            and (person.mark in ('attended', 'late') or moments[request.n] <= person.marked_at)
                            then 'school.already_marked'
                    end
                ], ' ') as failure
            from unnest(fresh) as request (n)
            cross join lateral (
                select
                    lesson.state, lesson.starts_at, lesson.ends_at, lesson.room_id, school_term_rule.opens_before_minutes,
                    school_term_rule.late_after_minutes
                from lesson
                join school_class on school_class.class_id = lesson.class_id
                join school_term_rule on school_term_rule.term_id = school_class.term_id
                where lesson.class_id = class_ids[request.n] and lesson.number = numbers[request.n]
                offset 0
            ) lesson
            left join lateral (
                select classroom_device.room_id
                from classroom_device
                where classroom_device.device_id = device_ids[request.n]
                offset 0
            ) device on true
            left join lateral (
                select member.member_id
                from member
                where member.member_id = member_ids[request.n]
                offset 0
            ) known on code_reasons[request.n] is null
            left join lateral night_school_lesson_person(
                class_ids[request.n], numbers[request.n], member_ids[request.n], moments[request.n]) person
                on code_reasons[request.n] is null
        ) looked
    ) judged;

    select array_agg(decided.n order by decided.n)
    into carded
    from unnest(failures) with ordinality as decided (failure, n)
    where decided.failure = '';
    if carded is not null then
        perform night_school_record_marks(
            array(select class_ids[positions[mark.n]] from unnest(carded) with ordinality as mark (n, place) order by mark.place),
            array(select numbers[positions[mark.n]] from unnest(carded) with ordinality as mark (n, place) order by mark.place),
            array(select members[mark.n] from unnest(carded) with ordinality as mark (n, place) order by mark.place),
            array(select enrolments[mark.n] from unnest(carded) with ordinality as mark (n, place) order by mark.place),
            array(select guests[mark.n] from unnest(carded) with ordinality as mark (n, place) order by mark.place),
            array(select states[mark.n] from unnest(carded) with ordinality as mark (n, place) order by mark.place),
            array(select 'scan'::text from unnest(carded)),
            array(select moments[positions[mark.n]] from unnest(carded) with ordinality as mark (n, place) order by mark.place),
            array(select done_by[positions[mark.n]] from unnest(carded) with ordinality as mark (n, place) order by mark.place),
            instant);
    end if;

    return query
    with decided as materialized (
        select
            positions[judged.n] as n,
            case when judged.failure !~ 'device_elsewhere' then members[judged.n] end as member_id,
            guests[judged.n] and judged.failure = '' as is_guest,
            case when judged.failure = '' then states[judged.n] end as state,
            case when judged.failure = '' then '{}'::text[] else string_to_array(judged.failure, ' ') end as reasons
        from unnest(failures) with ordinality as judged (failure, n)
    ),
    written as (
        insert into lesson_scan (
            class_id, number, request_id, fingerprint, member_id, outcome, state, is_guest, reasons, credential_kind, is_offline, done_by,
            occurred_at, recorded_at)
        select
            class_ids[decided.n], numbers[decided.n], request_ids[decided.n], fingerprints[decided.n], decided.member_id,
            case when decided.state is null then 'refused' else 'recorded' end, decided.state, decided.is_guest, decided.reasons,
            credential_kinds[decided.n], is_offline, done_by[decided.n], occurred_ats[decided.n], instant
        from decided
        order by 1, 2, 3
    )
    select
        decided.n, case when decided.state is null then 'refused' else 'recorded' end, decided.reasons, decided.member_id, decided.state,
        decided.is_guest, instant
    from decided;

    return query
    select
        request.n::integer,
        case
            when kept.outcome is null then 'lesson_unknown'
            when kept.fingerprint <> request.fingerprint then 'conflict'
            else 'repeated_' || kept.outcome
        end,
        coalesce(kept.reasons, '{}'), kept.member_id, kept.state, coalesce(kept.is_guest, false), kept.recorded_at
    from unnest(class_ids, numbers, request_ids, fingerprints) with ordinality
        as request (class_id, number, request_id, fingerprint, n)
    left join lateral (
        select lesson_scan.*
        from lesson_scan
        where lesson_scan.class_id = request.class_id
            and lesson_scan.number = request.number
            and lesson_scan.request_id = request.request_id
        offset 0
    ) kept on true
    where not request.n = any (coalesce(positions, '{}'));
end
$$;
