-- Emails that a person has begun: one per activity and user. rev counts its savings, so that two tabs notice each other; files is
-- a FileList.
create table mail_drafts (
  activity_id bigint not null,
  user_id bigint not null,
  recipient text not null,
  cc text not null,
  subject text not null,
  html text not null,
  template text not null,
  thread text not null,
  follow boolean not null,
  unsigned boolean not null,
  files text not null,
  rev bigint not null,
  updated_at bigint not null,
  primary key (activity_id, user_id)
);
create index mail_drafts_user_idx on mail_drafts (user_id, activity_id);

-- When its writer wants a message sent; null for at once. due_before is when its activity was due before that, for whoever
-- takes the message back.
alter table messages add column scheduled_at bigint;
alter table messages add column due_before bigint;
