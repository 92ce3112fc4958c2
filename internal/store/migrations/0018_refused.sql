-- Why a mailbox's server does not let it in ('' while it does), and when one of its mails tries again. Meanwhile the rest waits.
alter table mailbox_paces add column send_error text not null default '';
alter table mailbox_paces add column send_again bigint;
