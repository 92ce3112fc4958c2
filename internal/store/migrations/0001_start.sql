-- {{id}} is the key column of each database: see dialect.go. Times are microseconds since 1970 (UTC).

create table settings (
  name text primary key,
  value text not null
);

create table users (
  id {{id}},
  name text not null,
  email text not null,
  role text not null,
  zone text not null,
  password_hash text not null,
  active boolean not null,
  created_at bigint not null
);
create unique index users_email_idx on users (lower(email));

create table sessions (
  token text primary key,
  data {{blob}} not null,
  expires_at bigint not null
);
create index sessions_expires_at_idx on sessions (expires_at);

create table tokens (
  id {{id}},
  user_id bigint not null references users (id),
  name text not null,
  hash text not null unique,
  created_at bigint not null,
  used_at bigint,
  revoked_at bigint
);
create index tokens_user_idx on tokens (user_id);

create table idempotency_keys (
  user_id bigint not null,
  idem_key text not null,
  request_hash text not null,
  status integer not null,
  response {{blob}} not null,
  created_at bigint not null,
  primary key (user_id, idem_key)
);
create index idempotency_keys_created_at_idx on idempotency_keys (created_at);

-- The values of a record are in fields, as JSON; the columns repeat those that lists are found and sorted by. sort_name and
-- sort_owner (the owner's name) are in lower case, and so is email: it is the key of look-ups, mail goes to the one in fields.
create table records (
  id {{id}},
  kind text not null,
  name text not null,
  sort_name text not null,
  sort_owner text not null default '',
  company text not null,
  email text not null,
  phone text not null,
  status text not null,
  open boolean not null,
  do_not_email boolean not null default false,
  owner_id bigint references users (id),
  external_key text,
  fields text not null,
  search text not null,
  rev bigint not null,
  created_at bigint not null,
  updated_at bigint not null
);
create unique index records_external_key_idx on records (kind, external_key) where external_key is not null;
create index records_kind_name_idx on records (kind, sort_name, id);
create index records_kind_status_idx on records (kind, status, sort_name, id);
create index records_kind_company_idx on records (kind, lower(company), id);
create index records_kind_owner_idx on records (kind, sort_owner, id);
create index records_kind_created_idx on records (kind, created_at, id);
create index records_kind_updated_idx on records (kind, updated_at, id);
create index records_kind_email_idx on records (kind, email) where email <> '';
create index records_owner_idx on records (owner_id, kind);

create table notes (
  id {{id}},
  record_id bigint not null references records (id) on delete cascade,
  user_id bigint,
  body text not null,
  created_at bigint not null
);
create index notes_record_idx on notes (record_id, created_at);

create table templates (
  id {{id}},
  key text not null,
  name text not null,
  record_kind text not null,
  subject text not null,
  html text not null,
  rev bigint not null,
  created_by bigint,
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint
);
create unique index templates_key_idx on templates (key) where deleted_at is null;

create table mailboxes (
  id {{id}},
  user_id bigint not null references users (id),
  address text not null,
  sender_name text not null,
  host text not null,
  port integer not null,
  security text not null,
  username text not null,
  secret {{blob}},
  signature text not null,
  paused boolean not null,
  checked_at bigint,
  check_error text not null,
  rev bigint not null,
  created_at bigint not null
);
create unique index mailboxes_user_idx on mailboxes (user_id);

create table sequences (
  id {{id}},
  name text not null,
  description text not null,
  record_kind text not null,
  status text not null,
  owner_id bigint references users (id),
  version_id bigint,
  version_number integer not null,
  draft text not null,
  draft_rev bigint not null,
  draft_by bigint,
  draft_at bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint
);
create unique index sequences_name_idx on sequences (lower(name)) where deleted_at is null;

create table sequence_versions (
  id {{id}},
  sequence_id bigint not null references sequences (id),
  number integer not null,
  definition text not null,
  note text not null,
  created_by bigint,
  created_at bigint not null,
  unique (sequence_id, number)
);

-- The hot table of the engine. due_at is when the engine has to look at the row: timer_at, or at once when an event was
-- written for it (signalled); null while it is paused, finished, or waits for somebody else.
create table enrollments (
  id {{id}},
  sequence_id bigint not null,
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
  exit_reason text not null,
  connected_by bigint,
  connected_at bigint not null,
  finished_at bigint,
  rev bigint not null
);
create index enrollments_due_idx on enrollments (due_at, id) where due_at is not null;
create unique index enrollments_live_idx on enrollments (record_id, sequence_id) where status < 3;
create index enrollments_sequence_idx on enrollments (sequence_id, status, id);
create index enrollments_record_idx on enrollments (record_id, id);
create index enrollments_exit_idx on enrollments (sequence_id, exit_reason) where status = 3;

-- Events wait here until the engine's next look at their enrollment consumes them.
create table events (
  id {{id}},
  enrollment_id bigint not null,
  kind smallint not null,
  step text not null,
  visit integer not null,
  detail text not null,
  at bigint not null
);
create index events_enrollment_idx on events (enrollment_id, id);

create table history (
  id {{id}},
  enrollment_id bigint not null,
  record_id bigint not null,
  kind smallint not null,
  step text not null,
  visit integer not null,
  since bigint not null,
  at bigint not null,
  outcome text not null,
  detail text not null,
  user_id bigint
);
create index history_enrollment_idx on history (enrollment_id, id);
create index history_record_idx on history (record_id, id);

create table activities (
  id {{id}},
  record_id bigint not null,
  enrollment_id bigint,
  step text not null,
  visit integer not null,
  kind text not null,
  name text not null,
  description text not null,
  template text not null,
  trouble text not null,
  state smallint not null,
  assignee_id bigint,
  proposed_at bigint not null,
  due_at bigint not null,
  snoozes integer not null,
  outcome text not null,
  note text not null,
  duration integer not null,
  message_id bigint,
  created_by bigint,
  created_at bigint not null,
  done_by bigint,
  done_at bigint,
  rev bigint not null
);
create index activities_open_idx on activities (assignee_id, due_at, id) where state < 3;
create index activities_record_idx on activities (record_id, id);
create index activities_enrollment_idx on activities (enrollment_id) where state < 4;

-- One row per message. A row of a sequence's step is unique on its token, so a step mails at most once per visit.
create table messages (
  id {{id}},
  enrollment_id bigint,
  step text not null,
  visit integer not null,
  activity_id bigint,
  record_id bigint not null,
  user_id bigint,
  mailbox_id bigint,
  template text not null,
  rfc_id text not null unique,
  state smallint not null,
  next_at bigint,
  attempts integer not null,
  attempt_at bigint,
  node text not null,
  sender text not null,
  recipient text not null,
  cc text not null,
  subject text not null,
  html text not null,
  plain text not null,
  reason text not null,
  created_at bigint not null,
  sent_at bigint
);
create unique index messages_token_idx on messages (enrollment_id, step, visit) where enrollment_id is not null;
create index messages_queue_idx on messages (next_at, id) where state = 1;
create index messages_sending_idx on messages (node) where state = 3;
create index messages_state_idx on messages (state, id);
create index messages_record_idx on messages (record_id, id);
create index messages_enrollment_idx on messages (enrollment_id) where state < 3;

create table imports (
  id {{id}},
  user_id bigint not null,
  record_kind text not null,
  file_name text not null,
  file_path text not null,
  size bigint not null,
  settings text not null,
  state text not null,
  progress text not null,
  result text not null,
  created_at bigint not null,
  finished_at bigint,
  beat_at bigint not null
);

create table audit (
  id {{id}},
  at bigint not null,
  user_id bigint,
  verb text not null,
  thing text not null,
  thing_id bigint not null,
  detail text not null
);
create index audit_thing_idx on audit (thing, thing_id, id);

create table leases (
  name text primary key,
  node text not null,
  until bigint not null
);
