-- When a note was changed last, and when it was deleted; a deleted one can be brought back until it is tidied away.
alter table notes add column edited_at bigint;
alter table notes add column deleted_at bigint;
create index notes_deleted_idx on notes (deleted_at) where deleted_at is not null;
