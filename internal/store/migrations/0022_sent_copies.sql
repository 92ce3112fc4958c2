-- Whether mail that went out is copied into the mailbox's folder of sent mail, and why it could not be last; see ADR 0028.
alter table mailboxes add column copy_sent text not null default 'automatic';
alter table mailboxes add column copy_error text not null default '';

-- The copies that are owed: a row is written with the result of the sending and deleted once the copy is there. node is the
-- one that sent the mail and goes first; the others look at due_at.
create table sent_copies (
  message_id {{key}},
  mailbox_id bigint not null,
  node text not null,
  tries integer not null,
  due_at bigint not null,
  owed_at bigint not null
);
create index sent_copies_mailbox_idx on sent_copies (mailbox_id, due_at);
