-- Teams own sequences as users do, and sequences are shared with them, see ADR 0057. At most one of owner_id and owner_team_id is set.
create table teams (
  id {{id}},
  name text not null,
  created_at bigint not null
);
create unique index teams_name_idx on teams (lower(name));

create table team_members (
  team_id bigint not null references teams (id),
  user_id bigint not null references users (id),
  primary key (team_id, user_id)
);
create index team_members_user_idx on team_members (user_id, team_id);

alter table sequences add column owner_team_id bigint references teams (id);
alter table sequences add column sharing text not null default 'all';
alter table sequences add column shared_team_id bigint references teams (id);
