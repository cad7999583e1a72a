-- checkups_walk_in: somebody is at the van without a place and waits for one.
--
-- Decides    whether the person may wait: an active member whom the program's rules admit (may_apply, which the caller asked), without a
--            place of the program and without the benefit of its family and period from elsewhere, on a day on which the van is there.
-- Writes     checkup_walk_in, and checkup_check_in with the answer for its request id.
-- Locks      program by id, then the card's credential.
-- Returns    waiting with how many wait before, refused with the reasons, repeated_…, conflict, visit_unknown; as checkups_check_in.
-- groups     those of the program's rules that the person belongs to.
create or replace function checkups_walk_in(
    asked_request_id uuid,
    asked_visit_id bigint,
    asked_member_id bigint,
    code_reason text,
    kind text,
    occurred_at timestamptz,
    asked_fingerprint bytea,
    asked_by text,
    may_apply boolean,
    asked_groups smallint,
    clock_offset_us bigint)
returns table (outcome text, reasons text[], member_id bigint, ahead integer, decided_at timestamptz)
language plpgsql
as $$
#variable_conflict use_column
declare
    instant timestamptz;
    today date;
    visit checkup_visit;
    campaign program;
    person member;
    award program_award;
    known checkup_check_in;
    failing text[];
    before integer;
begin
    select checkup_visit.* into visit from checkup_visit where checkup_visit.visit_id = asked_visit_id;
    if visit.visit_id is null then
        return query select 'visit_unknown', '{}'::text[], null::bigint, null::integer, null::timestamptz;
        return;
    end if;
    select program.* into campaign from program where program.program_id = visit.program_id for no key update;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    today := (instant at time zone campaign.time_zone)::date;

    select checkup_check_in.* into known
    from checkup_check_in
    where checkup_check_in.visit_id = visit.visit_id and checkup_check_in.request_id = asked_request_id;

    if known.visit_id is null then
        select member.* into person from member where member.member_id = asked_member_id;
        select program_award.* into award
        from program_award
        where program_award.member_id = person.member_id and program_award.program_id = campaign.program_id;

        failing := array_remove(
            array[
                code_reason,
                case when code_reason is null and person.member_id is null then 'checkup.member_unknown' end,
                case when person.status <> 'active' then 'checkup.member_not_active' end,
                case when campaign.state <> 'published' then 'checkup.not_published' end,
                case when today < visit.first_on or today > visit.last_on then 'checkup.not_today' end,
                case when not checkups_is_for(visit.audience_organization_id, person.organization_id) then 'checkup.not_for_you' end,
                case when person.member_id is not null and not may_apply then 'checkup.not_eligible' end,
                case
                    when award.state in ('attended', 'used') then 'checkup.already_checked_in'
                    when programs_holds_place(award.state) or programs_holds_place_merged(person.member_id, campaign.program_id)
                        then 'checkup.has_place'
                    when programs_holds_benefit(person.member_id, campaign.family, campaign.period, campaign.program_id)
                        then 'checkup.benefit_taken'
                end,
                case when occurred_at > instant + interval '5 seconds' then 'checkup.occurred_in_future' end],
            null);

        if cardinality(failing) = 0 then
            insert into checkup_walk_in as waiting (visit_id, member_id, arrived_on, arrived_at, groups, state, done_by)
            values (visit.visit_id, person.member_id, today, instant, asked_groups, 'waiting', asked_by)
            on conflict on constraint checkup_walk_in_pkey do update
            set
                state = 'waiting', arrived_at = excluded.arrived_at, groups = excluded.groups, number = null, called_at = null,
                call_id = null, replaces_member_id = null, done_by = excluded.done_by
            where waiting.state <> 'waiting';
        end if;

        insert into checkup_check_in (
            visit_id, request_id, fingerprint, member_id, outcome, reasons, credential_kind, done_by, occurred_at, recorded_at)
        values (
            visit.visit_id, asked_request_id, asked_fingerprint, person.member_id,
            case when cardinality(failing) = 0 then 'waiting' else 'refused' end, failing, kind, asked_by, occurred_at, instant)
        returning * into known;
    elsif known.fingerprint <> asked_fingerprint then
        return query select 'conflict', '{}'::text[], null::bigint, null::integer, null::timestamptz;
        return;
    else
        known.outcome := 'repeated_' || known.outcome;
    end if;

    select count(*)::integer into before
    from checkup_walk_in own
    join checkup_walk_in other on other.visit_id = own.visit_id and other.arrived_on = own.arrived_on
    where own.visit_id = visit.visit_id
        and own.arrived_on = today
        and own.member_id = known.member_id
        and own.state = 'waiting'
        and other.state = 'waiting'
        and (other.arrived_at, other.member_id) < (own.arrived_at, own.member_id);

    return query select known.outcome, known.reasons, known.member_id, before, known.recorded_at;
end
$$;
