-- The Message-ID of a sequence's mail names its enrollment, by which it is found. So only the ids of other mail need an index: PostgreSQL writes into each index of a
-- table three times for each mail (queued, being sent, sent), and ids are in no order. SQLite writes into one once, and keeps it.
{{message_ids}};
