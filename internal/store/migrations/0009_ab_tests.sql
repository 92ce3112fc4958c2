-- A/B tests: one row per test step of a sequence, from its first activation. settings is the step as it was then, because a
-- running test cannot change. state 1 runs, 2 was stopped by a person, 3 has ended. chosen is the letter that goes on.

create table ab_tests (
  sequence_id bigint not null,
  step text not null,
  settings text not null,
  state smallint not null,
  chosen text not null,
  reason text not null,
  started_at bigint not null,
  ends_at bigint,
  decided_at bigint,
  decided_by bigint,
  primary key (sequence_id, step)
);
create index ab_tests_running_idx on ab_tests (started_at) where state = 1;

-- variant says which email of an A/B test a message is: 1 and 2 are A and B of a running test, 3 and 4 of a decided one.
alter table messages add column variant smallint not null default 0;
create index messages_variant_idx on messages (step, variant) where variant > 0;
