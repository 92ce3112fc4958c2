-- Batches: one thing, or a plan, to be done with many activities. They wait for run_at, so that they can be taken back; see ADR 0035.
-- arguments is JSON; that of an activity goes before that of its batch.
create table batches (
  id {{id}},
  user_id bigint,
  verb text not null,
  arguments text not null,
  state smallint not null,
  run_at bigint not null,
  created_at bigint not null,
  finished_at bigint
);
create index batches_due_idx on batches (run_at, id) where state in (1, 2, 4);
create index batches_user_idx on batches (user_id, id);

-- One row per activity, in the order in which they are done, with what became of it. before is JSON of what undoing puts back, and rev
-- the activity's revision after it was done.
create table batch_activities (
  batch_id bigint not null,
  position integer not null,
  activity_id bigint not null,
  verb text not null,
  arguments text not null,
  state smallint not null,
  reason text not null,
  rev bigint not null,
  before text not null,
  primary key (batch_id, position)
);
-- What waits in a batch is on no work list, and waits in no other.
create unique index batch_activities_waiting_idx on batch_activities (activity_id) where state = 1;
create index batch_activities_state_idx on batch_activities (batch_id, state, position);
