-- programs_award_message: what the holder of a place is told of it, in both languages.
--
-- Decides    by what became of the place and who did it: nobody is told of what they did themselves, nor of a place at the door; a place
--            that is only kept, and what the staff note of a visit, is no message either.
-- Writes     and locks nothing.
-- Returns    a row, or none. The kinds: award.offered, award.confirmed, award.moved_up (from the waitlist, offered or confirmed),
--            award.session_changed, award.lapsed, award.withdrawn.
-- Plan       one select without settings: it is part of the statement that asks.
create or replace function programs_award_message(
    member_id bigint,
    state text,
    is_off_waitlist boolean,
    has_changed_session boolean,
    done_by text,
    program_title text,
    session_title text,
    starts_at timestamptz,
    offered_until timestamptz)
returns table (kind text, text_zh text, text_en text)
language sql
stable
parallel safe
as $$
    select
        told.kind,
        '《' || program_title || '》'
            || case told.kind
                when 'award.moved_up' then '候补成功：'
                when 'award.offered' then '为您留有名额：'
                when 'award.confirmed' then '您已获得名额：'
                when 'award.session_changed' then '您的场次改为：'
                when 'award.lapsed' then '的名额未在期限内确认，已失效。'
                when 'award.withdrawn' then '的名额未能保留，请登录查看原因。'
            end
            || case when told.is_held then session_title || spoken.starts_zh || '。' else '' end
            || case when state = 'offered' then '请在 ' || spoken.until || ' 前登录确认，逾期失效。' else '' end,
        program_title
            || case told.kind
                when 'award.moved_up' then ': a place from the waitlist is yours, '
                when 'award.offered' then ': a place is kept for you, '
                when 'award.confirmed' then ': you have a place, '
                when 'award.session_changed' then ': your session is now '
                when 'award.lapsed' then ': your place was not confirmed in time and is gone.'
                when 'award.withdrawn' then ': your place could not be kept; sign in to see why.'
            end
            || case when told.is_held then session_title || spoken.starts_en || '.' else '' end
            || case when state = 'offered' then ' Sign in and confirm it by ' || spoken.until || ', or it lapses.' else '' end
    from (
        select
            case
                when done_by = 'member:' || member_id then null
                when has_changed_session and state in ('offered', 'confirmed') then 'award.session_changed'
                when is_off_waitlist and state in ('offered', 'confirmed') then 'award.moved_up'
                when state in ('offered', 'confirmed', 'lapsed', 'withdrawn') then 'award.' || state
            end as kind,
            state in ('offered', 'confirmed') as is_held
    ) told
    cross join (
        select
            coalesce('，' || to_char(starts_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), '') as starts_zh,
            coalesce(', ' || to_char(starts_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), '') as starts_en,
            to_char(offered_until at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') as until
    ) spoken
    where told.kind is not null
$$;
