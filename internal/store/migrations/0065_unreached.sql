-- Since when a mailbox's server cannot be reached, so that send_error is no fault of its sign-in; null otherwise. It counts only while send_error is
-- not ''.
alter table mailbox_paces add column unreached_since bigint;
