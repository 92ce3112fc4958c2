-- The addresses that a record had, by which an answer is found that comes from one of them and names no mail of ours. An index on the recipients of messages would be
-- written for each mail, and addresses are in no order; this is written when an address changes. What was mailed before fills it.
create table former_addresses (
  email text not null,
  record_id bigint not null,
  primary key (email, record_id)
);
create index former_addresses_record_idx on former_addresses (record_id);
insert into former_addresses (email, record_id)
  select distinct lower(m.recipient), m.record_id from messages m join records r on r.id = m.record_id
  where m.channel = 1 and m.state = 4 and m.recipient <> '' and lower(m.recipient) <> r.email;
