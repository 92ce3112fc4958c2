-- Files that go with mail. attached stays false for one that was uploaded and never used; such are tidied away. A deleted
-- file keeps its row, because the mails that it went with name it.
create table files (
  id {{id}},
  name text not null,
  type text not null,
  size bigint not null,
  sha256 text not null,
  attached boolean not null default false,
  created_by bigint,
  created_at bigint not null,
  deleted_at bigint
);
create unique index files_content_idx on files (sha256, name) where deleted_at is null;
create index files_unused_idx on files (created_at) where not attached;

-- What is in the files, once for each content. place is the path of a file on disk, '' when the parts below hold it.
create table contents (
  sha256 text primary key,
  place text not null
);
create table content_parts (
  sha256 text not null,
  number integer not null,
  data {{blob}} not null,
  primary key (sha256, number)
);

-- The files of a template: a JSON list of their keys; '' for none.
alter table templates add column files text not null default '';
alter table template_versions add column files text not null default '';

-- A number in a mail's addresses may stand for a file instead of an address.
alter table links add column file_id bigint;
create index links_file_idx on links (file_id) where file_id is not null;
