-- The received mail that a message answers: it goes into that mail's thread.
alter table messages add column answers bigint;
