-- What priority counts of an open activity beside its own times, kept beside it: what its record is worth, as it stands there, and when the customer last answered,
-- followed a link and opened a mail of its enrollment. So an order by priority reads one index and nothing else; see ADR 0063. What is done keeps what it had.
-- state stands in the index because SQLite looks at it again.
alter table activities add column worth text;
alter table activities add column answered_at bigint;
alter table activities add column clicked_at bigint;
alter table activities add column opened_at bigint;
update activities set {{priority_facts}} where state < 4;
drop index activities_open_idx;
create index activities_open_idx on activities (assignee_id, due_at, id, state, rev, created_at, worth, answered_at, clicked_at, opened_at) where state < 3;
