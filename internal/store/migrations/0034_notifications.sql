-- What a user is told of (ADR 0037). kind is one of the codes in notification.go; cause names what happened, so that nobody is told of it
-- twice. subject is the key of the thing that the kind is about: a message, received mail, activity, mailbox, sequence or call.
create table notifications (
  id {{id}},
  user_id bigint not null references users (id),
  kind smallint not null,
  cause text not null,
  record_id bigint,
  subject bigint,
  by_id bigint,
  amount integer not null,
  detail text not null,
  at bigint not null,
  read_at bigint
);
create unique index notifications_cause_idx on notifications (user_id, kind, cause);
create index notifications_user_idx on notifications (user_id, id);
create index notifications_unread_idx on notifications (user_id, id) where read_at is null;
create index notifications_record_idx on notifications (record_id) where record_id is not null;
create index notifications_at_idx on notifications (at);

-- When a user looked at a record: at is the last look, before_at the end of the visit before that one, up to which everything was seen.
create table record_visits (
  user_id bigint not null references users (id),
  record_id bigint not null,
  at bigint not null,
  before_at bigint,
  primary key (user_id, record_id)
);
create index record_visits_record_idx on record_visits (record_id);
create index record_visits_at_idx on record_visits (at);

-- The last mail digest of a user: the day it was for (in the user's zone, as 20261130), and until when it tells. One row makes one mail a day.
create table digests (
  user_id bigint primary key references users (id),
  day integer not null,
  until bigint not null
);
