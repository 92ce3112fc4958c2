-- The source of the entry that a customer's own wish stands above, '' for none: when they take the wish back, that entry counts again. Its note and who added it stay
-- where they were.
alter table suppressions add column held_by text not null default '';
