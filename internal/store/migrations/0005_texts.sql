-- Text messages stand beside emails. channel is one of the codes in codes.go; parts is how many the text is cut into.

alter table messages add column channel smallint not null default 1;
alter table messages add column parts smallint not null default 0;

-- Each channel has a queue of its own, so that a backlog of one never stands before the other.
drop index messages_queue_idx;
create index messages_queue_idx on messages (channel, next_at, id) where state = 1;

-- The body of a text template; subject and html are those of an email template.
alter table templates add column channel text not null default 'email';
alter table templates add column plain text not null default '';
