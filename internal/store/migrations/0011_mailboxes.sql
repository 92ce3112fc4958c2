-- A mailbox reads as well as it sends. imap_host is '' for one that is not read. auth says how it signs in, for both ways.
-- aliases are more addresses of it, one a line; sent_folder is '' where the folder marked \Sent (RFC 6154) is taken.
alter table mailboxes add column imap_host text not null default '';
alter table mailboxes add column imap_port integer not null default 993;
alter table mailboxes add column imap_security text not null default 'tls';
alter table mailboxes add column auth text not null default 'password';
alter table mailboxes add column aliases text not null default '';
alter table mailboxes add column sent_folder text not null default '';

-- The grant of a provider (OAuth 2): both tokens are sealed, and nodes share the short one until access_until. grant_error
-- is why the provider gives no more of them: somebody has to connect the mailbox again.
alter table mailboxes add column refresh_secret {{blob}};
alter table mailboxes add column access_secret {{blob}};
alter table mailboxes add column access_until bigint;
alter table mailboxes add column grant_error text not null default '';

-- What the last test found out about reading, and how the reading goes: when it went well last, and what is wrong now.
alter table mailboxes add column imap_check_error text not null default '';
alter table mailboxes add column read_at bigint;
alter table mailboxes add column read_error text not null default '';

-- A consent that is on its way: whoever comes back from the provider with this state. It is good once.
create table consents (
  state text primary key,
  actor_id bigint not null,
  user_id bigint not null,
  provider text not null,
  secret {{blob}} not null,
  until bigint not null
);

-- The keys by which mail of a domain is signed (DKIM, RFC 6376). public is the p= of the record to publish.
create table dkim_keys (
  domain text primary key,
  selector text not null,
  algorithm text not null,
  public text not null,
  secret {{blob}} not null,
  created_at bigint not null
);
