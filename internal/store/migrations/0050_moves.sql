-- Moves of connected records to another version of their sequence, see ADR 0052. mapping is JSON; last is the enrollment at which a
-- pass over them stands, and run_at when it goes on. Counts are of enrollments: looked at so far, and what became of them.
create table move_runs (
  id {{id}},
  sequence_id bigint not null,
  version_id bigint not null,
  user_id bigint,
  mapping text not null,
  reason text not null,
  state smallint not null,
  pass smallint not null,
  last bigint not null,
  run_at bigint not null,
  total integer not null,
  looked integer not null,
  moved integer not null,
  finished integer not null,
  held integer not null,
  undone integer not null,
  kept integer not null,
  created_at bigint not null,
  finished_at bigint,
  undo_until bigint
);
create index move_runs_sequence_idx on move_runs (sequence_id, id);
create unique index move_runs_open_idx on move_runs (sequence_id) where state in (1, 2, 4);
create index move_runs_due_idx on move_runs (run_at, id) where state in (1, 2, 4);
create index move_runs_undo_idx on move_runs (undo_until) where undo_until is not null;

-- What became of one enrollment: where it stood (version_id to done), where the move left it (the columns with after), and what undoing
-- it made of it. Rows of moved ones go when they cannot be undone any more.
create table moved_enrollments (
  run_id bigint not null,
  enrollment_id bigint not null,
  state smallint not null,
  version_id bigint not null,
  status smallint not null,
  step text not null,
  visit integer not null,
  since bigint not null,
  wait smallint not null,
  timer_at bigint,
  done integer not null,
  after_step text not null,
  after_visit integer not null,
  after_done integer not null,
  final boolean not null,
  reason text not null,
  primary key (run_id, enrollment_id)
);
create index moved_enrollments_state_idx on moved_enrollments (run_id, state, enrollment_id);
