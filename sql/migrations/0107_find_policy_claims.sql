-- Organizers answer a claim by its number alone, whoever filed it.

create unique index policy_claim_of_number on policy_claim (claim_id);
