-- What a user has chosen for oneself, such as what comes after a completed activity. A name that is missing stands for the default.
create table user_settings (
  user_id bigint not null references users (id),
  name text not null,
  value text not null,
  primary key (user_id, name)
);
