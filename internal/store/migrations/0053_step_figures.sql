-- What became of the visits of each step, counted as they happen, so that the figures of a sequence cost the same however much history there is.
-- kind: 1 connected, 2 entered, 3 ended (outcome says how, seconds how long all of these visits took), 4 left by an exit (outcome is its reason), 5 standing there now.
create table step_figures (
  version_id bigint not null,
  step text not null,
  kind smallint not null,
  outcome text not null,
  count bigint not null,
  seconds bigint not null,
  primary key (version_id, step, kind, outcome)
);
-- What was added since the last time that somebody summed up. Each batch of moves only appends here, so that no two of them wait for each other.
create table step_figure_changes (
  id {{id}},
  version_id bigint not null,
  step text not null,
  kind smallint not null,
  outcome text not null,
  count bigint not null,
  seconds bigint not null
);
create index step_figure_changes_version_idx on step_figure_changes (version_id);

insert into step_figures (version_id, step, kind, outcome, count, seconds)
  select e.version_id, h.step, 3, h.outcome, count(*), coalesce(sum((h.at - h.since) / 1000000), 0) from history h join enrollments e on e.id = h.enrollment_id
  where h.kind = 2 and h.outcome <> 'retried' group by e.version_id, h.step, h.outcome;
insert into step_figures (version_id, step, kind, outcome, count, seconds)
  select e.version_id, h.step, 4, h.outcome, count(*), 0 from history h join enrollments e on e.id = h.enrollment_id
  where h.kind = 6 group by e.version_id, h.step, h.outcome;
insert into step_figures (version_id, step, kind, outcome, count, seconds)
  select e.version_id, t.step, 5, '', count(*), 0 from enrollments e join enrollment_states t on t.id = e.id
  where e.status < 3 and t.wait <> 0 group by e.version_id, t.step;
-- A visit that began has ended, was cut off by an exit, or is still going on. An exit after the end of a step cut nothing off.
insert into step_figures (version_id, step, kind, outcome, count, seconds)
  select version_id, step, 2, '', sum(n), 0 from (
    select version_id, step, count as n from step_figures where kind in (3, 5)
    union all
    select e.version_id, h.step, 1 from history h join enrollments e on e.id = h.enrollment_id left join history p on p.id = h.prev
    where h.kind = 6 and not coalesce(p.kind in (1, 2) and p.visit = h.visit, false)) visits
  group by version_id, step;
insert into step_figures (version_id, step, kind, outcome, count, seconds)
  select version_id, '', 1, '', count(*), 0 from enrollments group by version_id;
