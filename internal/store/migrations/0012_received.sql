-- Mail that came in and belongs to a record; class is one of the codes in codes.go. What belongs to none is not kept. A mail
-- is the same one by its place on the server, and by its Message-ID where places were numbered anew.
create table received (
  id {{id}},
  mailbox_id bigint not null,
  user_id bigint,
  folder text not null,
  uid_validity bigint not null,
  uid bigint not null,
  rfc_id text not null,
  class smallint not null,
  message_id bigint not null,
  record_id bigint not null,
  enrollment_id bigint,
  sender_name text not null,
  sender text not null,
  subject text not null,
  plain text not null,
  html text not null,
  files text not null,
  detail text not null,
  returns_at bigint,
  colleague boolean not null,
  truncated boolean not null,
  written_at bigint,
  created_at bigint not null
);
create unique index received_uid_idx on received (mailbox_id, folder, uid_validity, uid);
create unique index received_rfc_id_idx on received (mailbox_id, rfc_id);
create index received_record_idx on received (record_id, id);
create index received_message_idx on received (message_id);

-- Where the reading of a folder goes on: the next UID of this numbering (RFC 9051, section 2.3.1.1), and when it was read.
create table read_folders (
  mailbox_id bigint not null,
  folder text not null,
  uid_validity bigint not null,
  next_uid bigint not null,
  read_at bigint not null,
  primary key (mailbox_id, folder)
);
