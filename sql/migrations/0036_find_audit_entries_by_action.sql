-- What auditors look for besides subject and actor.

create index audit_entry_of_action on audit_entry (action, entry_id);
create index audit_entry_of_organization on audit_entry (organization_id, entry_id);
create index audit_entry_of_time on audit_entry using brin (occurred_at);
