-- Each state that a mail goes through wrote into seven indexes. Two go: what is being sent is few and found by its state, and the
-- messages of an enrollment are found by their tokens. That index holds all rows for it: PostgreSQL cannot see that a list of
-- enrollments has no null among them.
drop index messages_sending_idx;
drop index messages_enrollment_idx;
drop index messages_token_idx;
create unique index messages_token_idx on messages (enrollment_id, step, visit);
