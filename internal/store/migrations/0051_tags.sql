-- Tags of sequences: a tree, a few levels deep. A name is unique beside its siblings.
create table tags (
  id {{id}},
  parent_id bigint references tags (id),
  name text not null,
  created_at bigint not null
);
create unique index tags_name_idx on tags (coalesce(parent_id, 0), lower(name));

create table sequence_tags (
  sequence_id bigint not null references sequences (id),
  tag_id bigint not null references tags (id),
  primary key (sequence_id, tag_id)
);
create index sequence_tags_tag_idx on sequence_tags (tag_id);
