-- Which outcomes calls have ended with: those cannot be deleted.
create index activities_outcome_idx on activities (outcome) where outcome <> '';

-- The records that a record names in its fields, for the look-up from the other side.
alter table records add column account_id bigint;
alter table records add column contact_id bigint;
create index records_account_idx on records (account_id, kind, sort_name, id) where account_id is not null;
create index records_contact_idx on records (contact_id, kind, sort_name, id) where contact_id is not null;
