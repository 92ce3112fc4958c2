-- The calls of the softphone (ADR 0032). ending is one of the codes in call.go, 0 while the call is under way; node is the
-- process that carries it.
create table calls (
  id {{id}},
  record_id bigint,
  user_id bigint,
  activity_id bigint,
  incoming boolean not null,
  number text not null,
  node text not null,
  started_at bigint not null,
  answered_at bigint,
  ended_at bigint,
  ending smallint not null,
  detail text not null
);
create index calls_record_idx on calls (record_id, id) where record_id is not null;
create index calls_open_idx on calls (id) where ended_at is null;
create index calls_started_idx on calls (started_at);

-- Whose number calls in.
create index records_phone_idx on records (phone) where phone <> '';
create index records_mobile_idx on records ({{mobile}}) where {{mobile}} is not null;
create index records_home_phone_idx on records ({{home_phone}}) where {{home_phone}} is not null;
