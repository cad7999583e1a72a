-- night_school_tell: tells members what became of their enrolments.
--
-- Decides    by the states before and after: nobody is told of what they did themselves, nor of a course that was finished; who has left
--            reads no messages. One enrolment may come once a call.
-- Writes     member_message: enrolment.seated, enrolment.waiting (a draw had no seat), enrolment.offered, enrolment.lapsed (an offer),
--            enrolment.seat_cut (it waits at the head of the queue again), enrolment.ended.
-- Locks      nothing more: the caller changed these enrolments in this transaction.
create or replace function night_school_tell(members bigint[], enrolments bigint[], befores text[], afters text[], done_by text)
returns void
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
    insert into member_message (member_id, kind, text_zh, text_en, subject)
    select
        own.member_id, told.kind,
        '《' || own.title || '》' || own.label_zh
            || case told.kind
                when 'enrolment.seated' then '：您已有座位' || own.first_zh || '。'
                when 'enrolment.waiting' then '：抽签未获座位，您已进入候补。'
                when 'enrolment.offered' then '：有空座留给您，请在 ' || own.until || ' 前登录确认，逾期顺延。'
                when 'enrolment.lapsed' then '：空座未在期限内确认，已顺延。'
                when 'enrolment.seat_cut' then '：班级座位减少，您的座位未能保留，现排在候补最前。'
                when 'enrolment.ended' then '：您的报名已结束，请登录查看原因。'
            end,
        own.title_en || own.label_en
            || case told.kind
                when 'enrolment.seated' then ': you have a seat' || own.first_en || '.'
                when 'enrolment.waiting' then ': the draw had no seat for you; you wait in the queue.'
                when 'enrolment.offered' then ': a free seat is kept for you. Sign in and take it by ' || own.until
                    || ', or it goes to the next.'
                when 'enrolment.lapsed' then ': the seat was not taken in time and went to the next.'
                when 'enrolment.seat_cut' then ': the class has fewer seats now and you lost yours; you wait at the head of the queue.'
                when 'enrolment.ended' then ': your enrolment is over; sign in to see why.'
            end,
        'enrolment:' || own.enrolment_id
    from unnest(members, enrolments, befores, afters) with ordinality as change (member_id, enrolment_id, before, after, n)
    cross join lateral (
        select case
            when done_by = 'member:' || change.member_id then null
            when change.after in ('seated', 'offered') then 'enrolment.' || change.after
            when change.after = 'waitlisted' and change.before in ('seated', 'offered') then 'enrolment.seat_cut'
            when change.after = 'waitlisted' then 'enrolment.waiting'
            when change.after = 'lapsed' and change.before = 'offered' then 'enrolment.lapsed'
            when change.after in ('lapsed', 'dropped', 'declined', 'withdrawn') then 'enrolment.ended'
        end as kind
    ) told
    cross join lateral (
        select
            enrolment.member_id, enrolment.enrolment_id, course.title, coalesce(course.title_en, course.title) as title_en,
            coalesce('（' || school_class.label || '）', '') as label_zh,
            coalesce(' (' || school_class.label || ')', '') as label_en,
            coalesce('，首课 ' || to_char(school_class.first_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), '') as first_zh,
            coalesce(', the first lesson is at ' || to_char(school_class.first_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), '')
                as first_en,
            to_char(enrolment.offered_until at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') as until
        from enrolment
        join course on course.course_id = enrolment.course_id
        join member on member.member_id = enrolment.member_id and member.status <> 'left'
        left join school_class on school_class.class_id = enrolment.class_id
        where enrolment.member_id = change.member_id and enrolment.enrolment_id = change.enrolment_id
        offset 0
    ) own
    where told.kind is not null
    order by change.n;
end
$$;
