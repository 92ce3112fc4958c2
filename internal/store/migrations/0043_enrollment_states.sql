-- What the engine changes at each step stands in a narrow table of its own with one index, and history is a chain: each line
-- names the one before it, each state the last one. An advance writes three index entries where it wrote eight
-- (docs/adr/0043). due_at is when
-- the engine has to look at the row: timer_at, or at once when an event was written for it (signalled); null while it is
-- paused, finished, or waits for somebody else. status, version, record and assignee are those of enrollments, which carries
-- the indexes: so the engine reads one table.
create table enrollment_states (
  id {{key}},
  version_id bigint not null,
  record_id bigint not null,
  assignee_id bigint,
  status smallint not null,
  step text not null,
  visit integer not null,
  since bigint not null,
  wait smallint not null,
  due_at bigint,
  timer_at bigint,
  signalled boolean not null,
  done integer not null,
  auto_moves integer not null,
  last_line bigint not null,
  rev bigint not null
){{roomy}};
insert into enrollment_states (id, version_id, record_id, assignee_id, status, step, visit, since, wait, due_at, timer_at, signalled, done, auto_moves, last_line, rev)
  select e.id, version_id, record_id, assignee_id, status, step, visit, since, wait, due_at, timer_at, signalled, done, auto_moves,
    coalesce((select max(h.id) from history h where h.enrollment_id = e.id), 0), rev from enrollments e order by e.id;
create index enrollment_states_due_idx on enrollment_states (due_at, id) where due_at is not null;
drop index enrollments_due_idx;
alter table enrollments drop column step;
alter table enrollments drop column visit;
alter table enrollments drop column since;
alter table enrollments drop column wait;
alter table enrollments drop column due_at;
alter table enrollments drop column timer_at;
alter table enrollments drop column signalled;
alter table enrollments drop column done;
alter table enrollments drop column auto_moves;
alter table enrollments drop column rev;

create table history_lines (
  id {{key}},
  prev bigint not null,
  enrollment_id bigint not null,
  kind smallint not null,
  step text not null,
  visit integer not null,
  since bigint not null,
  at bigint not null,
  outcome text not null,
  detail text not null,
  user_id bigint
);
insert into history_lines (id, prev, enrollment_id, kind, step, visit, since, at, outcome, detail, user_id)
  select id, coalesce(lag(id) over (partition by enrollment_id order by id), 0), enrollment_id, kind, step, visit, since, at, outcome, detail, user_id
  from history order by id;
drop table history;
alter table history_lines rename to history;
{{history_ids}};
