-- The audit entries, chained: each link's hash covers its entry and the link before, each seal's signature the last hash of a batch.

create table audit_chain (
    chain_id smallint not null,
    horizon xid8 not null default '0',

    constraint audit_chain_pkey primary key (chain_id)
);

comment on table audit_chain is 'The lock of whoever seals, and where the next batch starts. One chain a shard.';
comment on column audit_chain.horizon is 'Entries of older transactions are sealed. Only saves work: what is sealed is passed over.';

insert into audit_chain (chain_id) values (1);

create table audit_link (
    chain_id smallint not null,
    position bigint not null,
    entry_id bigint not null,
    hash bytea not null,

    constraint audit_link_pkey primary key (chain_id, position),
    constraint audit_link_entry_exists foreign key (entry_id) references audit_entry (entry_id),
    constraint audit_link_entry_stands_once unique (entry_id),
    constraint audit_link_positions_start_at_1 check (position >= 1),
    constraint audit_link_hash_has_32_bytes check (octet_length(hash) = 32)
);

comment on column audit_link.hash is 'SHA-256 over the place, the entry and the hash before it.';

create table audit_seal (
    chain_id smallint not null,
    first_position bigint not null,
    last_position bigint not null,
    last_hash bytea not null,
    horizon xid8 not null,
    sealed_at timestamptz not null,
    signature bytea not null,

    constraint audit_seal_pkey primary key (chain_id, last_position),
    constraint audit_seal_link_exists foreign key (chain_id, last_position) references audit_link (chain_id, position),
    constraint audit_seal_covers_a_link check (first_position between 1 and last_position),
    constraint audit_seal_hash_has_32_bytes check (octet_length(last_hash) = 32),
    constraint audit_seal_signature_has_64_bytes check (octet_length(signature) = 64)
);

comment on table audit_seal is 'A batch of links, signed by the key file''s key (Ed25519).';
comment on column audit_seal.horizon is 'Every entry of an older transaction is in this batch or before it.';

create index audit_entry_to_seal on audit_entry (chain_id, transaction_id, entry_id);
