-- The texts of messages move out of their rows. A row is written three times on its way (queued, being sent, sent), and each time
-- all of it: with the texts in it, that was most of what sending wrote.
create table message_texts (
  message_id {{key}},
  html text not null,
  plain text not null
);
insert into message_texts (message_id, html, plain) select id, html, plain from messages where html <> '' or plain <> '';
alter table messages drop column html;
alter table messages drop column plain;
