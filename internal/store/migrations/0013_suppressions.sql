-- Whom nobody must write to. address is the normal form of an email address or a phone number, or a domain without an @.
-- source says how it came here; the page, one click and a complaint are the customer's own will.
create table suppressions (
  id {{id}},
  channel smallint not null,
  address text not null,
  source text not null,
  note text not null default '',
  record_id bigint,
  message_id bigint,
  created_by bigint,
  created_at bigint not null
);
create unique index suppressions_address_idx on suppressions (channel, address);
