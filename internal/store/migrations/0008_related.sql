-- Which outcomes calls have ended with: those cannot be deleted.
create index activities_outcome_idx on activities (outcome) where outcome <> '';
