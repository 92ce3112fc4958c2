-- What nodes tell each other of their calls (ADR 0060). state and rings (a JSON list of users) are those of the node that carries a call.
alter table calls add column state text not null default '';
alter table calls add column rings text not null default '[]';
create index calls_ended_idx on calls (ended_at);

-- Who is at a page, and so can be called, by the node that the page is connected to.
create table call_presence (
  node text not null,
  user_id bigint not null,
  primary key (node, user_id)
);

-- What somebody does with a call that another node carries: node is that one. A request lives for seconds; answer is null until it is done, and
-- fault is what stood in its way, as JSON.
create table call_requests (
  id {{id}},
  call_id bigint not null,
  node text not null,
  user_id bigint not null,
  verb text not null,
  body text not null,
  asked_at bigint not null,
  taken boolean not null,
  answer text,
  fault text
);
create index call_requests_node_idx on call_requests (node, id);
