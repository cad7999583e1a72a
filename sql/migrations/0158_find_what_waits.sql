-- What waits for an organizer is found without reading what has been decided: few rows each, however long the history.

create index insurance_batch_to_review on insurance_batch (batch_id) where state = 'run';
create index insurance_batch_to_mend on insurance_batch (batch_id) where rejected > 0;
create index program_run_to_review on program_run (program_id, number) where state = 'made';
create index member_import_with_rejections on member_import (started_at, import_id) where rows_refused > 0 and not is_dry_run;
