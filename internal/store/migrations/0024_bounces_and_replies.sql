-- The outbox says which of the sent messages came back, and lists them: among much other received mail they are few.
create index received_bounced_idx on received (message_id) where class in (3, 4);

-- The received mail that an activity is to answer, for one that an exit on a reply left; null for others.
alter table activities add column answers bigint;
