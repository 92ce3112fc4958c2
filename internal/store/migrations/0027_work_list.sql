-- seen_at is when the assignee first opened an activity; nothing for one that was not opened. What stands on a list already counts as
-- opened.
alter table activities add column seen_at bigint;
update activities set seen_at = created_at;

-- A person follows a record: it can be filtered by.
create table follows (
  user_id bigint not null references users (id),
  record_id bigint not null,
  created_at bigint not null,
  primary key (user_id, record_id)
);
create index follows_record_idx on follows (record_id);

-- Saved filters of the work list. One without a user is everybody's. query is the address's query.
create table work_views (
  id {{id}},
  user_id bigint references users (id),
  name text not null,
  query text not null,
  created_at bigint not null
);
create index work_views_user_idx on work_views (user_id, name);
