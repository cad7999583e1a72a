-- A no-show gives the seat back, for whoever comes instead, but keeps the benefit of the period until somebody excuses it.

comment on table program_award is
    'States that hold a place: placed, offered, confirmed, attended, used. The others have given it back; no_show keeps the benefit.';

-- Lists of a program's awards go by the member.
create index program_award_by_member on program_award (program_id, member_id);
