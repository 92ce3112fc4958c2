-- What a meeting has that no other activity has: how long it lasts in seconds, zero for all others; where it is; and who comes, one
-- to a line. It begins when it is due, so that whatever moves an activity moves the whole of a meeting.
alter table activities add column length integer not null default 0;
alter table activities add column place text not null default '';
alter table activities add column people text not null default '';
