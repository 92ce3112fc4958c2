-- The newest sent messages of a template, for its figures.

create index messages_template_idx on messages (template, sent_at) where state = 4 and template <> '';
