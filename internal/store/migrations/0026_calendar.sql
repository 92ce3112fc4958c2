-- When an activity was due before it was moved last, and when that was: a move can be taken back, and feeds say when an
-- activity changed.
alter table activities add column due_before bigint;
alter table activities add column moved_at bigint;

-- What is over, for the calendar feed: it tells of the last days, too.
create index activities_over_idx on activities (assignee_id, due_at, id) where state >= 3;

-- The secret address under which a calendar program reads a user's activities. The hash alone is kept.
create table calendar_feeds (
  user_id {{key}},
  hash text not null unique,
  created_at bigint not null,
  used_at bigint
);
