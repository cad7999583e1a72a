-- Takes applications to programs, new ones and changed ones.
--
-- Decides    by the rows under lock and by this database's clock plus clock_offset_us: a program takes applications while it is announced
--            or open and opens_at <= now < closes_at, whatever a job has tidied up or not. What the rules say of the person was found
--            by the caller, by the rules whose hash it names; may_write false says that the caller refuses already and wants to know what
--            else is in the way.
-- Writes     program_application, one row a person and program: a later application replaces what an earlier one wished for and what was
--            known then, and keeps its ticket. Of two of one person in one batch the later one is written, both are answered.
--            program_applicant_count.
-- Locks      programs, shared, in the order of their ids: closing one waits for those who are in, and they for it. A program that is
--            closed by the clock is not locked, so a crowd that comes late does not keep it from being closed. Then applications by
--            program and member, new ones before those that were there; then counts by program.
-- Returns    one row per request, to be matched by ordinality, in no order:
--            applied        with its ticket and times
--            refused        with every reason: program.not_found | program.not_open | program.closed | application.session_unknown
--                           (unknown_wishes: their places, from 1) | application.session_for_others (foreign_wishes: those of sessions
--                           whose audience the member does not belong to) | application.benefit_held; none when only the caller refuses
--            rules_changed  the program's rules are not those that the caller looked at: look again
--            ticket_taken   another applicant has it: draw again
-- Plan       pinned to keys, for it is made while tables are empty and kept while they grow.
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
    reasons text[],
    unknown_wishes integer[],
    foreign_wishes integer[],
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
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    held bigint[];
    outcomes text[];
    refusals text[];
    unknown text[];
    abroad text[];
    chosen boolean[];
    new_keys bigint[];
    again_members bigint[];
    again_programs bigint[];
    again_withdrawn boolean[];
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

    with judged as materialized (
        select
            input.ordinality, input.member_id, input.program_id, input.may_write,
            program.rules_hash is distinct from input.rules_hash as is_stale,
            array(
                select wish.ordinality::integer
                from unnest(input.wishes::integer[]) with ordinality as wish (number, ordinality)
                where not exists (
                    select from program_session session
                    where session.program_id = input.program_id and session.number = wish.number)
                order by wish.ordinality
            ) as unknown_wishes,
            array(
                select wish.ordinality::integer
                from unnest(input.wishes::integer[]) with ordinality as wish (number, ordinality)
                join program_session session on session.program_id = input.program_id and session.number = wish.number
                where
                    session.audience_id is not null
                    and not exists (
                        select from organization_ancestor ancestor
                        where ancestor.organization_id = input.organization_id and ancestor.ancestor_id = session.audience_id)
                order by wish.ordinality
            ) as foreign_wishes,
            case
                when program.program_id is null or program.state = 'draft' then 'program.not_found'
                when program.state not in ('announced', 'open') or program.closes_at <= instant then 'program.closed'
                when program.opens_at > instant or not program.program_id = any (held) then 'program.not_open'
            end as state_reason,
            program.family is not null
                and (
                    exists (
                        select from benefit
                        where
                            benefit.member_id = input.member_id
                            and benefit.family = program.family
                            and benefit.period = program.period
                            and benefit.state in ('held', 'confirmed', 'used')
                            and benefit.program_id is distinct from program.program_id)
                    or exists (
                        select from member merged
                        join benefit on benefit.member_id = merged.member_id
                        where
                            merged.merged_into = input.member_id
                            and benefit.family = program.family
                            and benefit.period = program.period
                            and benefit.state in ('held', 'confirmed', 'used')
                            and benefit.program_id is distinct from program.program_id)
                ) as holds_benefit,
            exists (
                select from program_application other
                where
                    other.program_id = input.program_id
                    and other.ticket = input.ticket
                    and other.member_id <> input.member_id
            )
                or min(input.member_id) over same_ticket <> max(input.member_id) over same_ticket as is_taken
        from unnest(member_ids, program_ids, rules_hashes, wish_lists, organization_ids, tickets, may_write) with ordinality
            as input (member_id, program_id, rules_hash, wishes, organization_id, ticket, may_write, ordinality)
        left join program on program.program_id = input.program_id
        window same_ticket as (partition by input.program_id, input.ticket)
    ),
    decided as materialized (
        select
            judged.*,
            case
                when judged.state_reason = 'program.not_found' then 'refused'
                when judged.is_stale then 'rules_changed'
                when judged.state_reason is not null or judged.unknown_wishes <> '{}' or judged.foreign_wishes <> '{}'
                    or judged.holds_benefit or not judged.may_write
                    then 'refused'
                when judged.is_taken then 'ticket_taken'
                else 'applied'
            end as outcome
        from judged
    )
    select
        array_agg(decided.outcome order by decided.ordinality),
        array_agg(
            concat_ws(
                ',', decided.state_reason, case when decided.unknown_wishes <> '{}' then 'application.session_unknown' end,
                case when decided.foreign_wishes <> '{}' then 'application.session_for_others' end,
                case when decided.holds_benefit then 'application.benefit_held' end)
            order by decided.ordinality),
        array_agg(decided.unknown_wishes::text order by decided.ordinality),
        array_agg(decided.foreign_wishes::text order by decided.ordinality),
        array_agg(
            decided.outcome = 'applied'
                and not exists (
                    select from decided later
                    where
                        later.member_id = decided.member_id
                        and later.program_id = decided.program_id
                        and later.outcome = 'applied'
                        and later.ordinality > decided.ordinality)
            order by decided.ordinality)
    into outcomes, refusals, unknown, abroad, chosen
    from decided;

    -- Who comes for the first time.
    with input as materialized (
        select *
        from unnest(
            member_ids, program_ids, wish_lists, organization_ids, are_local, tickets, priorities, scores, group_masks, evidence_texts,
            subjects, chosen
        ) with ordinality as input (
            member_id, program_id, wishes, organization_id, is_local, ticket, priority, points, groups, evidence, subject, is_chosen,
            ordinality)
        where is_chosen
    ),
    entered as (
        insert into program_application (
            member_id, program_id, ticket, state, wishes, organization_id, area_id, priority, points, groups, evidence, applied_by,
            applied_at, changed_at)
        select
            input.member_id, input.program_id, input.ticket, 'applied', input.wishes::integer[], input.organization_id,
            programs_area(input.program_id, input.organization_id, input.is_local), input.priority, input.points, input.groups,
            input.evidence::jsonb, input.subject, instant, instant
        from input
        order by input.program_id, input.member_id
        on conflict on constraint program_application_pkey do nothing
        returning member_id, program_id
    )
    select array_agg(input.ordinality)
    into new_keys
    from entered
    join input on input.member_id = entered.member_id and input.program_id = entered.program_id;

    -- Who comes again: a statement of its own, which sees what those have written whom the first one waited for.
    select array_agg(locked.member_id), array_agg(locked.program_id), array_agg(locked.state = 'withdrawn')
    into again_members, again_programs, again_withdrawn
    from (
        select application.member_id, application.program_id, application.state
        from unnest(member_ids, program_ids, chosen) with ordinality as input (member_id, program_id, is_chosen, ordinality)
        join program_application application
            on application.member_id = input.member_id and application.program_id = input.program_id
        where input.is_chosen and not input.ordinality = any (coalesce(new_keys, '{}'))
        order by application.program_id, application.member_id
        for no key update of application
    ) locked;

    if again_members is not null then
        update program_application application
        set
            state = 'applied',
            wishes = input.wishes::integer[],
            organization_id = input.organization_id,
            area_id = programs_area(input.program_id, input.organization_id, input.is_local),
            priority = input.priority,
            points = input.points,
            groups = input.groups,
            evidence = input.evidence::jsonb,
            applied_by = input.subject,
            applied_at = case application.state when 'withdrawn' then instant else application.applied_at end,
            changed_at = instant
        from unnest(
            member_ids, program_ids, wish_lists, organization_ids, are_local, priorities, scores, group_masks, evidence_texts, subjects,
            chosen
        ) with ordinality as input (
            member_id, program_id, wishes, organization_id, is_local, priority, points, groups, evidence, subject, is_chosen, ordinality)
        where
            input.is_chosen
            and not input.ordinality = any (coalesce(new_keys, '{}'))
            and application.member_id = input.member_id
            and application.program_id = input.program_id;
    end if;

    perform programs_count_applicants(
        array(select program_ids[place] from unnest(new_keys) as place)
            || array(
                select again.program_id
                from unnest(again_programs, again_withdrawn) as again (program_id, is_withdrawn)
                where again.is_withdrawn),
        1);

    return query
    select
        input.ordinality::integer, input.outcome,
        case when input.outcome = 'refused' then string_to_array(nullif(input.refusal, ''), ',') end,
        input.unknown_wishes::integer[], input.foreign_wishes::integer[], application.ticket, application.applied_at, application.changed_at
    from unnest(member_ids, program_ids, outcomes, refusals, unknown, abroad) with ordinality
        as input (member_id, program_id, outcome, refusal, unknown_wishes, foreign_wishes, ordinality)
    left join program_application application
        on input.outcome = 'applied' and application.member_id = input.member_id and application.program_id = input.program_id;
end
$$;
