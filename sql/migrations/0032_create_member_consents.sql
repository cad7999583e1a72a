-- Consent, purpose by purpose: every time it was given or withdrawn, for which text, and where.

create table member_consent (
    member_id bigint not null,
    purpose text not null,
    consent_id bigint generated always as identity,
    is_given boolean not null,
    text_version text not null,
    channel text not null,
    recorded_by text not null,
    recorded_at timestamptz not null default now(),

    constraint member_consent_pkey primary key (member_id, purpose, consent_id),
    constraint member_consent_member_exists foreign key (member_id) references member (member_id),
    constraint member_consent_purpose_is_known check (purpose in ('registry', 'checkup', 'insurance', 'marketing', 'whereabouts')),
    constraint member_consent_channel_is_known check (channel in ('app', 'join', 'paper', 'import')),
    constraint member_consent_text_version_has_1_to_40_characters check (char_length(text_version) between 1 and 40)
);

comment on table member_consent is 'Consents given and withdrawn; of each purpose the last one holds.';
comment on column member_consent.text_version is 'Which wording the person agreed to or withdrew from.';
comment on column member_consent.channel is 'Where it was told: in the app, on joining, on paper, by a file.';

create view member_consent_current as
select distinct on (member_id, purpose)
    member_id, purpose, consent_id, is_given, text_version, channel, recorded_by, recorded_at
from member_consent
order by member_id, purpose, consent_id desc;

comment on view member_consent_current is 'The consent that holds of each member and purpose.';
