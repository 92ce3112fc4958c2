-- How fast a mailbox sends: its own limits ('' for those of the organisation), what it sent of late, both as JSON, and when
-- the next of the messages that wait for their turn may go (null while none waits). paused_by is null where a guard rail
-- stopped it. A row is locked by whoever sends from the mailbox, so that nodes never exceed a cap together.
create table mailbox_paces (
  mailbox_id bigint primary key,
  limits text not null default '',
  usage text not null default '',
  opens_at bigint,
  paused_by bigint,
  paused_at bigint,
  pause_reason text not null default ''
);
create index mailbox_paces_opens_idx on mailbox_paces (opens_at) where opens_at is not null;
insert into mailbox_paces (mailbox_id) select id from mailboxes;

-- turn is 1 for a message that waits for its turn at its mailbox and 2 once it has it; rank puts follow-ups (0) before first
-- mails (1). blocker is the code of what reason says. The other four come from the step: its mail belongs into the thread,
-- goes at any hour, and is given up when it is so much (microseconds, 0 for never) too late.
alter table messages add column turn smallint not null default 0;
alter table messages add column rank smallint not null default 0;
alter table messages add column blocker text not null default '';
alter table messages add column thread boolean not null default false;
alter table messages add column any_time boolean not null default true;
alter table messages add column late_after bigint not null default 0;
alter table messages add column late_skip boolean not null default false;
create index messages_turn_idx on messages (mailbox_id, rank, id) where state = 1 and turn = 1;
