-- Who gets a copy without the others knowing, as it was typed in a draft, and as addresses in a message.
alter table messages add column bcc text not null default '';
alter table mail_drafts add column bcc text not null default '';
