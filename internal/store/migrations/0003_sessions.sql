-- A session belongs to one series of its user's sessions. Raising the number ends every older session at once.

alter table users add column session_series bigint not null default 0;
