-- What kept messages from being sent, when the gate said something new of them: the row of a message has its last word only, and none once it is sent.
create table message_holds (
  message_id bigint not null,
  at bigint not null,
  until bigint,
  blocker text not null,
  reason text not null,
  primary key (message_id, at)
);
