-- A key signs once its record is published: signs is set then. Until then it waits, so that no mail goes out with a signature
-- that receivers cannot check.
alter table dkim_keys add column signs boolean not null default false;
