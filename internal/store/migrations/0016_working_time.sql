-- Working hours of users who have their own, as JSON; '' for those of the organisation. region is the code of the country or
-- part of one whose holidays a user has; '' for the organisation's.
alter table users add column hours text not null default '';
alter table users add column region text not null default '';

-- Time off: whole days, as 2026-12-24, in the user's time zone. open_too hands over what is open when it begins; handed_at says
-- that this is done.
create table time_off (
  id {{id}},
  user_id bigint not null references users (id),
  first_day text not null,
  last_day text not null,
  note text not null,
  substitute_id bigint references users (id),
  mail_waits boolean not null,
  open_too boolean not null,
  handed_at bigint,
  created_by bigint,
  created_at bigint not null
);
create index time_off_last_day_idx on time_off (last_day);
create index time_off_user_idx on time_off (user_id, first_day);

-- Holidays that the organisation adds; region '' means everywhere.
create table holidays (
  id {{id}},
  day text not null,
  name text not null,
  region text not null,
  yearly boolean not null,
  created_by bigint,
  created_at bigint not null
);
create index holidays_day_idx on holidays (day);

-- Whose work an activity is, while a substitute does it.
alter table activities add column behalf_id bigint references users (id);
create index activities_behalf_idx on activities (behalf_id, assignee_id) where behalf_id is not null and state < 4;
