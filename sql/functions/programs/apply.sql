-- Takes applications to programs, new ones and changed ones.
--
-- Decides    by the rows under lock and by this database's clock plus clock_offset_us: a program takes applications while it is announced
--            or open and opens_at <= now < closes_at, whatever a job has tidied up or not. What was announced says of the person and of
--            the wishes was found by the caller, by what was announced under the hash that it names, which never changes; may_write false
--            says that the caller refuses already and wants to know what else is in the way.
-- Writes     program_application, one row a person and program: a later application replaces what an earlier one wished for and what was
--            known then, and keeps its ticket. Of two of one person in one batch the later one is written, both are answered.
--            program_applicant_count.
-- Locks      programs, shared, in the order of their ids: closing one waits for those who are in, and they for it. A program that is
--            closed by the clock is not locked, so a crowd that comes late does not keep it from being closed. Then applications by
--            program and member, new ones before those that were there; then counts by program.
-- Returns    one row per request, to be matched by ordinality, in no order:
--            applied        with its ticket and times
--            refused        with the reason program.not_found | program.not_open | program.closed; none when only the caller refuses
--            rules_changed  what was announced is not what the caller looked at: look again
--            ticket_taken   another applicant has it: draw again
-- Plan       pinned to keys, for it is made while tables are empty and kept while they grow: applications are looked for by the member
--            first (the `+ 0` beside it), of whom there are few, never by the program, of which there are a million; and who is new is
--            not looked for at all (`offset 0`).
create or replace function programs_apply(
    member_ids bigint[],
    program_ids bigint[],
    rules_hashes bytea[],
    wish_lists text[],
    organization_ids bigint[],
    are_local boolean[],
    tickets bigint[],
    priorities integer[],
    scores bigint[],
    group_masks smallint[],
    evidence_texts text[],
    subjects text[],
    may_write boolean[],
    clock_offset_us bigint
) returns table (
    request integer,
    outcome text,
    reason text,
    ticket bigint,
    applied_at timestamptz,
    changed_at timestamptz)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set enable_material = off
set enable_memoize = off
set enable_bitmapscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    held bigint[];
    reasons text[];
    outcomes text[];
    chosen boolean[];
    chosen_count integer;
    entered_members bigint[];
    entered_programs bigint[];
    news boolean[];
    again bigint[];
    restored bigint[];
begin
    select coalesce(array_agg(locked.program_id), '{}')
    into held
    from (
        select program.program_id
        from program
        where
            program.program_id = any (program_ids)
            and program.state in ('announced', 'open')
            and program.opens_at <= instant
            and program.closes_at > instant
        order by program.program_id
        for share
    ) locked;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    -- What becomes of each; of one person in one batch only who comes last is written. What is wide is left out: it would be copied at
    -- every step.
    select
        array_agg(decided.outcome order by decided.ordinality), array_agg(decided.reason order by decided.ordinality),
        array_agg(decided.outcome = 'applied' and decided.is_last order by decided.ordinality),
        count(*) filter (where decided.outcome = 'applied' and decided.is_last)
    into outcomes, reasons, chosen, chosen_count
    from (
        select
            judged.*,
            row_number() over (partition by judged.member_id, judged.program_id, judged.outcome order by judged.ordinality desc) = 1
                as is_last
        from (
            select
                stated.*,
                case
                    when stated.reason = 'program.not_found' then 'refused'
                    when stated.is_stale then 'rules_changed'
                    when stated.reason is not null or not stated.may_write then 'refused'
                    else 'applied'
                end as outcome
            from (
                select
                    input.ordinality, input.member_id, input.program_id, input.may_write,
                    program.rules_hash is distinct from input.rules_hash as is_stale,
                    case
                        when program.program_id is null or program.state = 'draft' then 'program.not_found'
                        when program.state not in ('announced', 'open') or program.closes_at <= instant then 'program.closed'
                        when program.opens_at > instant or not program.program_id = any (held) then 'program.not_open'
                    end as reason
                from unnest(member_ids, program_ids, rules_hashes, may_write) with ordinality
                    as input (member_id, program_id, rules_hash, may_write, ordinality)
                left join program on program.program_id = input.program_id
                offset 0
            ) stated
            offset 0
        ) judged
    ) decided;

    -- Who comes for the first time is written at once.
    with entered as (
        insert into program_application (
            member_id, program_id, ticket, state, wishes, organization_id, area_id, priority, points, groups, evidence, applied_by,
            applied_at, changed_at)
        select
            input.member_id, input.program_id, input.ticket, 'applied', input.wishes::integer[], input.organization_id,
            case when input.is_local then programs_area(input.program_id, input.organization_id, true) end, input.priority,
            input.points, input.groups, input.evidence::jsonb, input.subject, instant, instant
        from unnest(
            member_ids, program_ids, wish_lists, organization_ids, are_local, tickets, priorities, scores, group_masks, evidence_texts,
            subjects, chosen
        ) as input (
            member_id, program_id, wishes, organization_id, is_local, ticket, priority, points, groups, evidence, subject, is_chosen)
        where input.is_chosen
        order by input.program_id, input.member_id
        on conflict do nothing
        returning member_id, program_id
    )
    select coalesce(array_agg(entered.member_id), '{}'), coalesce(array_agg(entered.program_id), '{}')
    into entered_members, entered_programs
    from entered;

    news := chosen;
    if cardinality(entered_members) < chosen_count then
        select array_agg(input.is_chosen and entered.member_id is not null order by input.ordinality)
        into news
        from unnest(member_ids, program_ids, chosen) with ordinality as input (member_id, program_id, is_chosen, ordinality)
        left join unnest(entered_members, entered_programs) as entered (member_id, program_id)
            on entered.member_id = input.member_id and entered.program_id = input.program_id;
    end if;

    -- Who comes again: statements of their own, which see what those have written whom the first one waited for.
    if chosen <> news then
        select array_agg(locked.ordinality), coalesce(array_agg(locked.program_id) filter (where locked.state = 'withdrawn'), '{}')
        into again, restored
        from (
            select input.ordinality, application.program_id, application.state
            from unnest(member_ids, program_ids, chosen, news) with ordinality
                as input (member_id, program_id, is_chosen, is_new, ordinality)
            join program_application application
                on application.member_id = input.member_id and application.program_id + 0 = input.program_id
            where input.is_chosen and not input.is_new
            order by application.program_id, application.member_id
            for no key update of application
        ) locked;

        update program_application application
        set
            state = 'applied',
            wishes = wish_lists[place]::integer[],
            organization_id = organization_ids[place],
            area_id = case when are_local[place] then programs_area(application.program_id, organization_ids[place], true) end,
            priority = priorities[place],
            points = scores[place],
            groups = group_masks[place],
            evidence = evidence_texts[place]::jsonb,
            applied_by = subjects[place],
            applied_at = case application.state when 'withdrawn' then instant else application.applied_at end,
            changed_at = instant
        from unnest(again) as place
        where application.member_id = member_ids[place] and application.program_id + 0 = program_ids[place];
    end if;

    perform programs_count_applicants(
        array(select program_ids[place] from unnest(news) with ordinality as new (is_new, place) where new.is_new) || restored, 1);

    return query
    select
        input.ordinality::integer,
        case when input.outcome = 'applied' and not input.is_new and present.ticket is null then 'ticket_taken' else input.outcome end,
        case when input.outcome = 'refused' then input.reason end,
        case when input.is_new then tickets[input.ordinality] else present.ticket end,
        case when input.is_new then instant else present.applied_at end,
        case when input.is_new then instant else present.changed_at end
    from unnest(member_ids, program_ids, outcomes, reasons, news) with ordinality
        as input (member_id, program_id, outcome, reason, is_new, ordinality)
    left join lateral (
        select application.ticket, application.applied_at, application.changed_at
        from program_application application
        where
            input.outcome = 'applied' and not input.is_new
            and application.member_id = input.member_id
            and application.program_id + 0 = input.program_id
        offset 0
    ) present on true;
end
$$;
