-- Followed mail. follow is what its writer wanted; tracked says that it went out with our links and pixel.

alter table messages add column follow boolean not null default true;
alter table messages add column tracked boolean not null default false;

-- What the numbers in the links of a message stand for. A number never changes its meaning, whatever is sent again.
create table links (
  message_id bigint not null,
  number integer not null,
  url text not null,
  primary key (message_id, number)
);

-- Requests for the links and pixels. kind 1 is an open, 2 a click, with the link's number. reason 0 counts; the others
-- are in internal/hit. counted_by is the user who said that it counts all the same.
create table hits (
  id {{id}},
  message_id bigint not null,
  kind smallint not null,
  link integer not null,
  at bigint not null,
  agent text not null,
  reason smallint not null,
  counted_by bigint
);
create index hits_message_idx on hits (message_id, kind, reason, at);
