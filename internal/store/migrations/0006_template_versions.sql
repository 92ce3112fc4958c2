-- Every text that a template has had, numbered. A row never changes. What templates hold themselves is the newest one.

alter table templates add column version integer not null default 1;

create table template_versions (
  id {{id}},
  template_id bigint not null references templates (id),
  number integer not null,
  subject text not null,
  html text not null,
  plain text not null default '',
  created_by bigint,
  created_at bigint not null,
  unique (template_id, number)
);

insert into template_versions (template_id, number, subject, html, created_by, created_at)
  select id, 1, subject, html, created_by, updated_at from templates;

-- Which version of a template the emails of a version of a sequence are made of.
create table template_pins (
  version_id bigint not null,
  template_id bigint not null,
  number integer not null,
  primary key (version_id, template_id)
);
create index template_pins_template_idx on template_pins (template_id);

insert into template_pins (version_id, template_id, number)
  select v.id, t.id, 1 from sequence_versions v join templates t on t.deleted_at is null
    and replace(v.definition, '"template":"' || t.key || '"', '') <> v.definition;

-- Of a message that has its text: the version of its template that it was made of.
alter table messages add column template_version integer not null default 1;

-- Pieces of text that writers copy into templates and emails.
create table snippets (
  id {{id}},
  key text not null,
  name text not null,
  html text not null,
  rev bigint not null,
  created_by bigint,
  created_at bigint not null,
  updated_at bigint not null
);
create unique index snippets_key_idx on snippets (key);

-- Mail to the writer of a template, as a customer would get it. It belongs to no record and counts in no figure.
alter table messages add column test boolean not null default false;
