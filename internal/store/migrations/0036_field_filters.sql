-- Filters of the work list by the fields of one kind of records: everybody's, without a user, or a user's own. rows is JSON: comparisons
-- that must all hold.
create table field_filters (
  id {{id}},
  user_id bigint references users (id),
  name text not null,
  group_name text not null,
  kind text not null,
  rows text not null,
  created_at bigint not null
);
create index field_filters_user_idx on field_filters (user_id, name);
