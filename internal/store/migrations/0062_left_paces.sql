-- The pace of a mailbox that was deleted stays, with its address, its user and when that was: whoever makes a mailbox of this address again goes on with
-- what it has sent, and its user with its conversations, too.
alter table mailbox_paces add column address text not null default '';
alter table mailbox_paces add column user_id bigint;
alter table mailbox_paces add column deleted_at bigint;
create index mailbox_paces_address_idx on mailbox_paces (address) where address <> '';
